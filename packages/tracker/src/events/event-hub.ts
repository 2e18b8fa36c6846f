import { randomBytes } from 'node:crypto';
import type { TrackerEvent } from '@peerage/contract';
import { eventLimits } from '../limits.ts';

/** Where one stream's text goes. */
export interface EventSink {
  /** Bytes that wait for a slow reader. */
  readonly waitingBytes: number;
  /** Nothing, once it was cut. */
  write(text: string): void;
  /** Behind what waits. */
  end(): void;
  /** At once: what waits is dropped. */
  cut(): void;
}

interface Mailbox {
  readonly uid: string;
  readonly device: string;
  sink: EventSink | undefined;
  /** The last events, oldest first. */
  kept: { readonly number: number; readonly text: string }[];
  /** Everything after this number is in `kept`. */
  completeAfter: number;
  closedAtMs: number;
  /** The round of the last beat. */
  beatenIn: number;
}

/**
 * The event streams of devices. Always true: a device has one mailbox and at most one open stream; events are numbered over all devices by one counter; an
 * event sent while the stream is closed waits in the mailbox, and a mailbox closed for 90 s is gone, so that its reader has to `resync`; `#ofUser` has exactly the mailboxes.
 */
export class EventHub {
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #ofUser = new Map<string, Set<Mailbox>>();
  /** Numbers mean nothing to another run of the tracker. */
  readonly #run = randomBytes(4).toString('hex');
  readonly #nowMs: () => number;
  #number = 0;
  #round = 0;
  /** Rounds from one beat of a stream to the next. */
  #roundsBetween = 1;
  #lengthenedIn = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether anybody is, or may come back as, a reader. */
  get isHeard(): boolean {
    return this.#mailboxes.size > 0;
  }

  get openStreams(): number {
    return [...this.#mailboxes.values()].filter((mailbox) => mailbox.sink).length;
  }

  /** Opens a device's stream, replacing an open one; tells `first`, which have no numbers, and goes on after `lastEventId` where that is still possible. */
  open(
    uid: string,
    device: string,
    lastEventId: string | undefined,
    sink: EventSink,
    first: readonly TrackerEvent[],
  ): void {
    const known = this.#mailboxes.get(device);
    known?.sink?.end();
    const mailbox = known ?? { uid, device, sink, kept: [], completeAfter: this.#number, closedAtMs: 0, beatenIn: 0 };
    mailbox.sink = sink;
    mailbox.beatenIn = this.#round - this.#roundsBetween; // with the next round it hears how often it will
    if (!known) this.#add(mailbox);
    sink.write(': connected\n\n');
    for (const event of first) sink.write(`data: ${JSON.stringify(event)}\n\n`);
    if (lastEventId === undefined) return;
    const [run, digits] = lastEventId.split('.');
    const after = run === this.#run && digits && /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
    if (!known || after < mailbox.completeAfter) this.#deliver(mailbox, { type: 'resync' });
    else for (const event of mailbox.kept) if (event.number > after) sink.write(event.text);
  }

  /** The stream ended; whether it was the device's open one. */
  closed(device: string, sink: EventSink): boolean {
    const mailbox = this.#mailboxes.get(device);
    if (mailbox?.sink !== sink) return false;
    mailbox.sink = undefined;
    mailbox.closedAtMs = this.#nowMs();
    return true;
  }

  toDevice(device: string, event: TrackerEvent): void {
    const mailbox = this.#mailboxes.get(device);
    if (mailbox) this.#deliver(mailbox, event);
  }

  toUsers(uids: ReadonlySet<string>, event: TrackerEvent): void {
    for (const uid of uids) for (const mailbox of this.#ofUser.get(uid) ?? []) this.#deliver(mailbox, event);
  }

  toAll(event: TrackerEvent): void {
    for (const mailbox of this.#mailboxes.values()) this.#deliver(mailbox, event);
  }

  /** Ends a device's stream for good; with a reason where its session is over. */
  end(device: string, reason?: string): void {
    const mailbox = this.#mailboxes.get(device);
    if (!mailbox) return;
    if (reason !== undefined) this.#deliver(mailbox, { type: 'session_ended', reason });
    this.#remove(mailbox);
    mailbox.sink?.end();
  }

  /**
   * A round: tells the open streams whose turn it is when they hear again, and forgets mailboxes that nobody came back for. To be called every `eventLimits.beatMs`. A silent connection is
   * noticed by its beats, so few streams hear each round, many more seldom: beats cost at most `eventLimits.beatsInARound`, up to 5 times that number of streams.
   */
  beat(): void {
    this.#round++;
    this.#pace();
    const beat = `: beat ${this.#roundsBetween * eventLimits.beatMs}\n\n`;
    for (const mailbox of this.#mailboxes.values()) {
      if (!mailbox.sink) {
        if (this.#nowMs() - mailbox.closedAtMs >= eventLimits.closedStreamMs) this.#remove(mailbox);
      } else if (this.#round - mailbox.beatenIn >= this.#roundsBetween) {
        mailbox.beatenIn = this.#round;
        mailbox.sink.write(beat);
      }
    }
  }

  /** Longer by one round at a time, once every stream was told the last change: nobody waits for a beat beyond what he was told. */
  #pace(): void {
    const wanted = Math.min(
      eventLimits.mostRounds,
      Math.max(1, Math.ceil(this.openStreams / eventLimits.beatsInARound)),
    );
    if (wanted < this.#roundsBetween) this.#roundsBetween = wanted;
    else if (wanted > this.#roundsBetween && this.#round - this.#lengthenedIn > this.#roundsBetween) {
      this.#roundsBetween++;
      this.#lengthenedIn = this.#round;
    }
  }

  close(): void {
    for (const mailbox of this.#mailboxes.values()) mailbox.sink?.end();
    this.#mailboxes.clear();
    this.#ofUser.clear();
  }

  #add(mailbox: Mailbox): void {
    this.#mailboxes.set(mailbox.device, mailbox);
    const others = this.#ofUser.get(mailbox.uid) ?? new Set();
    this.#ofUser.set(mailbox.uid, others.add(mailbox));
  }

  #remove(mailbox: Mailbox): void {
    this.#mailboxes.delete(mailbox.device);
    const others = this.#ofUser.get(mailbox.uid);
    others?.delete(mailbox);
    if (others?.size === 0) this.#ofUser.delete(mailbox.uid);
  }

  #deliver(mailbox: Mailbox, event: TrackerEvent): void {
    const number = ++this.#number;
    const text = `id: ${this.#run}.${number}\ndata: ${JSON.stringify(event)}\n\n`;
    mailbox.kept.push({ number, text });
    if (mailbox.kept.length > eventLimits.kept) mailbox.completeAfter = mailbox.kept.shift()!.number;
    if (!mailbox.sink) return;
    mailbox.sink.write(text);
    if (mailbox.sink.waitingBytes > eventLimits.waitingBytes) mailbox.sink.cut();
  }
}
