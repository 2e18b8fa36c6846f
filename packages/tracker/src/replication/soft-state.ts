import { ShownName } from '@peerage/contract';
import { z } from 'zod';
import type { EventHub } from '../events/event-hub.ts';
import type { Telling } from '../events/news.ts';
import { replicationLimits } from '../limits.ts';
import type { ForwardedBeat } from '../presence/online-device.ts';
import type { Presence, PresenceListener } from '../presence/presence.ts';
import type { LoginThrottle, PasswordTry } from '../throttle/login-throttle.ts';
import { parsed } from './wire.ts';

/** What trackers tell each other without writing it down: who is online, and wrong passwords. Forgotten by time, told anew after a cut. */

export const SOFT_BYTES = replicationLimits.softStateBytes;
const MOST_BEATS = 500;
const MOST_TELLINGS = 1_000;
/** Of a device that has thousands of transfers, so many are told at once at most. */
const MOST_SENT_BYTES = SOFT_BYTES / 2;
const GATHER_MS = 50;
const RETRY_MS = 500;
const TIMEOUT_MS = 5_000;
const MOST_ANSWER_BYTES = 256 * 1024;

const Id = z.string().regex(/^[0-9a-f]{32}$/);
const Hash = z.string().regex(/^[0-9a-f]{40}$/);
const Count = z.int().nonnegative();
const Shares = z.array(z.strictObject({ gid: Id, infoHash: Hash })).max(10_000);
const DecidedTwice = z.object({ type: z.literal('decided_twice'), group: Id, groupName: ShownName, user: ShownName });
const Address = z.strictObject({ host: z.string().max(64), port: z.int().min(1).max(65_535) });
const Known = { device: Id, presenceSession: Count };
const Beat = z.strictObject({
  ...Known,
  uid: Id,
  version: Count,
  source: z.string().max(64),
  addresses: z.array(Address).max(16),
  downloading: Shares,
  withheld: Shares,
});
const Soft = z.strictObject({
  beats: z.array(Beat).max(MOST_BEATS),
  /** Still online, and saying what it said. */
  kept: z.array(z.strictObject({ ...Known, version: Count })).max(20_000),
  gone: z.array(z.strictObject(Known)).max(20_000),
  tries: z
    .array(
      z.strictObject({
        source: z.string().max(64),
        account: z.string().max(128),
        knownDevice: Id.nullable(),
      }),
    )
    .max(10_000),
  /** For users, wherever they are. */
  tellings: z
    .array(z.strictObject({ uids: z.array(Id).max(8), event: DecidedTwice }))
    .max(MOST_TELLINGS)
    .default([]),
});
type Soft = z.infer<typeof Soft>;

const Answer = z.strictObject({ unknown: z.array(Id) });

export const parseSoft = (body: unknown): Soft => parsed(Soft, body);

interface SoftTargets {
  readonly presence: Presence;
  readonly throttle: LoginThrottle;
  readonly hub: Pick<EventHub, 'toUsers'>;
}

/** Takes what another tracker tells; which devices it has to tell more of. `isNear`: it runs on this machine, so its loopback is this one's. */
export async function takeSoft(
  { presence, throttle, hub }: SoftTargets,
  soft: Soft,
  isNear: (host: string) => boolean,
): Promise<z.infer<typeof Answer>> {
  for (const { device, presenceSession } of soft.gone) presence.forgetForwarded(device, presenceSession);
  for (const { knownDevice, ...tried } of soft.tries)
    throttle.heard({ ...tried, knownDevice: knownDevice ?? undefined });
  for (const { uids, event } of soft.tellings) hub.toUsers(new Set(uids), event);
  for (const beat of soft.beats) {
    await presence.takeForwarded({ ...beat, addresses: beat.addresses.filter(({ host }) => isNear(host)) });
  }
  const unknown = soft.kept.filter((kept) => !presence.keepForwarded(kept.device, kept.presenceSession, kept.version));
  return { unknown: unknown.map(({ device }) => device) };
}

/**
 * Tells one other tracker what happens here. Always true: one message is on its way at a time; what could not be told is told from the beginning: all devices that are
 * online here, when the other answers again.
 */
export class SoftSender implements PresenceListener {
  readonly #send: (body: Uint8Array, timeoutMs: number, mostBytes: number) => Promise<Buffer>;
  readonly #presence: Presence;
  #beats = new Map<string, { readonly beat: ForwardedBeat; isNew: boolean }>();
  #gone = new Map<string, number>();
  #tries: PasswordTry[] = [];
  #tellings: Telling[] = [];
  #isAllDue = true;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;
  #closed = false;

  constructor(presence: Presence, send: (body: Uint8Array, timeoutMs: number, mostBytes: number) => Promise<Buffer>) {
    this.#presence = presence;
    this.#send = send;
    this.#soon(GATHER_MS);
  }

  beat(beat: ForwardedBeat, isNew: boolean): void {
    this.#gone.delete(beat.device);
    const before = this.#beats.get(beat.device);
    this.#beats.set(beat.device, { beat, isNew: isNew || (before?.isNew ?? false) });
    this.#soon(GATHER_MS);
  }

  gone(device: string, presenceSession: number): void {
    this.#beats.delete(device);
    this.#gone.set(device, presenceSession);
    this.#soon(GATHER_MS);
  }

  tried(wrong: PasswordTry): void {
    if (this.#tries.length < 10_000) this.#tries.push(wrong);
    this.#soon(GATHER_MS);
  }

  tells(telling: Telling): void {
    if (this.#tellings.length < MOST_TELLINGS) this.#tellings.push(telling);
    this.#soon(GATHER_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #soon(inMs: number): void {
    if (this.#closed || this.#sending) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sending = true;
      this.#tell().then(
        (isMore) => this.#told(isMore ? 0 : undefined),
        () => {
          this.#isAllDue = true; // told anew when it answers again
          this.#told(RETRY_MS);
        },
      );
    }, inMs);
  }

  #told(againInMs: number | undefined): void {
    this.#sending = false;
    if (againInMs !== undefined) this.#soon(againInMs);
    else if (this.#beats.size + this.#gone.size + this.#tries.length + this.#tellings.length > 0) this.#soon(GATHER_MS);
  }

  /** Tells a message's worth; whether there is more to tell. */
  async #tell(): Promise<boolean> {
    if (this.#isAllDue) {
      this.#isAllDue = false;
      this.#beats = new Map([...this.#presence.here()].map((beat) => [beat.device, { beat, isNew: true }]));
    }
    const soft = this.#next();
    const body = Buffer.from(JSON.stringify(soft));
    // What happens once is kept until the other has it.
    const told = soft.tellings.length;
    const answer = parsed(Answer, JSON.parse((await this.#send(body, TIMEOUT_MS, MOST_ANSWER_BYTES)).toString()));
    this.#tellings.splice(0, told);
    const unknown = new Set(answer.unknown);
    if (unknown.size > 0) for (const beat of this.#presence.here()) if (unknown.has(beat.device)) this.beat(beat, true);
    return this.#beats.size > 0;
  }

  #next(): Soft {
    const soft: { [K in keyof Soft]: Soft[K][number][] } = { beats: [], kept: [], gone: [], tries: [], tellings: [] };
    let bytes = 0;
    for (const [key, { beat, isNew }] of this.#beats) {
      if (bytes > MOST_SENT_BYTES || soft.beats.length >= MOST_BEATS || soft.kept.length >= 20_000) break;
      this.#beats.delete(key);
      const { device, presenceSession, version } = beat;
      bytes += 300 + 100 * (isNew ? beat.downloading.length + beat.withheld.length : 0);
      if (isNew)
        soft.beats.push({
          ...beat,
          addresses: [...beat.addresses],
          downloading: [...beat.downloading],
          withheld: [...beat.withheld],
        });
      else soft.kept.push({ device, presenceSession, version });
    }
    for (const [device, presenceSession] of [...this.#gone].slice(0, 20_000)) {
      this.#gone.delete(device);
      soft.gone.push({ device, presenceSession });
    }
    soft.tries = this.#tries.map(({ knownDevice, ...tried }) => ({ ...tried, knownDevice: knownDevice ?? null }));
    this.#tries = [];
    soft.tellings = this.#tellings.map(({ uids, event }) => ({ uids: [...uids], event }));
    return soft;
  }
}
