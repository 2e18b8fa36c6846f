import { PeerageError, type Revoked, type SignedRevocation } from '@peerage/contract';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { TrackerLink } from '../tracker-link/tracker-link.ts';
import type { RevocationRows } from './revocation-rows.ts';

const ANY = '*';
const MOST_AT_ONCE = 200;
const RETRY_MS = 10_000;
/** No certificate lives longer that was given before every tracker knew (security.md, "Revocations"). */
const KEEP_MS = 65 * 60_000;

export interface RevocationsPorts {
  readonly rows: RevocationRows;
  readonly engine: Pick<EngineThread, 'request'>;
  readonly link: Pick<TrackerLink, 'call' | 'callAt' | 'trackers'>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Who counts no more, kept over restarts, and the errand to tell trackers of it: what this client itself brought about (a removal, a logout) goes to every
 * listed tracker, what peers told to any one.
 *
 * Always true: what is known is on the disk and in the engine; one errand is under way at a time, and one timer runs while something is owed.
 */
export class Revocations {
  readonly #ports: RevocationsPorts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(ports: RevocationsPorts) {
    this.#ports = ports;
  }

  /** What was known when the client ended counts before anybody is let in. */
  async start(): Promise<void> {
    await this.#inForce(this.#ports.rows.all().map(({ revocation }) => revocation));
    this.run();
  }

  /** This client asked for it. */
  async brought(revocations: readonly SignedRevocation[]): Promise<void> {
    this.#ports.rows.add(
      revocations,
      this.#ports.link.trackers.map(({ address }) => address),
      { ours: true },
    );
    await this.#inForce(revocations);
    this.run();
  }

  async toldByTracker(revocations: readonly SignedRevocation[]): Promise<void> {
    this.#ports.rows.add(revocations, []);
    await this.#inForce(revocations);
  }

  /** All that a tracker still keeps: of older ones that it does not name, nobody needs to know any more. */
  async toldAll(revocations: readonly SignedRevocation[], nowMs: number): Promise<void> {
    await this.toldByTracker(revocations);
    const kept = new Set(revocations.map(keyOf));
    const over = this.#ports.rows
      .all()
      .filter(({ revocation, owed }) => owed.length === 0 && revocation.atMs + KEEP_MS < nowMs)
      .map(({ revocation }) => revocation)
      .filter((revocation) => !kept.has(keyOf(revocation)));
    if (over.length > 0) this.#ports.rows.remove(over);
  }

  /** They count in the engine already. */
  toldByPeer(revocations: readonly SignedRevocation[]): void {
    this.#ports.rows.add(revocations, [ANY]);
    this.run();
  }

  /** Does the errand now, as far as trackers answer. */
  run(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#running ??= this.#runAll()
      .catch(this.#ports.onFailure)
      .finally(() => {
        this.#running = undefined;
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #runAll(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      clearTimeout(this.#timer);
      const owed = this.#ports.rows.all().filter((row) => row.owed.length > 0);
      for (const address of new Set(owed.flatMap((row) => row.owed))) await this.#tell(address);
    }
    if (this.#closed || this.#ports.rows.all().every(({ owed }) => owed.length === 0)) return;
    this.#timer = setTimeout(() => this.run(), RETRY_MS);
  }

  async #tell(address: string): Promise<void> {
    const due = this.#ports.rows.all().filter(({ owed }) => owed.includes(address));
    for (let at = 0; at < due.length && !this.#closed; at += MOST_AT_ONCE) {
      const batch = due.slice(at, at + MOST_AT_ONCE);
      const body = { revocations: batch.map(({ revocation }) => revocation) };
      try {
        const { link } = this.#ports;
        const { has } = await (address === ANY
          ? link.call('handUp', { body })
          : link.callAt(address, 'handUp', { body }));
        const taken = new Set(has.map(keyOf));
        this.#settle(
          address,
          batch.filter(({ revocation }) => taken.has(keyOf(revocation))),
        );
      } catch (error) {
        if (!(error instanceof PeerageError)) throw error;
        if (error.code === 'tracker_unreachable' || error.code === 'tracker_key_changed') return;
        this.#ports.onFailure(error); // it refuses them: telling it again would change nothing
        this.#settle(address, batch);
      }
    }
  }

  #settle(address: string, told: ReturnType<RevocationRows['all']>): void {
    for (const { revocation, owed } of told) {
      this.#ports.rows.setOwed(
        revocation,
        owed.filter((other) => other !== address),
      );
    }
  }

  async #inForce(revoked: readonly SignedRevocation[]): Promise<void> {
    if (revoked.length > 0) await this.#ports.engine.request({ type: 'revoked', revoked });
  }
}

const keyOf = ({ kind, id }: Revoked): string => `${kind} ${id}`;
