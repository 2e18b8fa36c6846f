import type { Logger } from 'pino';
import type { ClockGuard } from '../life/clock-guard.ts';
import type { Link } from './link.ts';
import { covers } from './op.ts';
import { POLL_MS } from './replica.ts';
import type { ReplicaEffect, ReplicaEvent } from './replica-events.ts';
import type { PagePlace, ReplicationLog } from './replication-log.ts';
import { ANSWER_BYTES, encodePull, encodeRowsQuestion, parseHead } from './wire.ts';

/** A frozen tracker, or packets that vanish, are noticed so long after an answer was due. */
const GRACE_MS = 2_000;
const ROWS_TIMEOUT_MS = 15_000;

interface ExchangeParts {
  /** By the number of the other tracker. */
  readonly links: ReadonlyMap<number, Link>;
  readonly log: ReplicationLog;
  readonly logger: Logger;
  readonly clock?: ClockGuard;
  readonly node: string;
}

type Effect<K extends ReplicaEffect['kind']> = Extract<ReplicaEffect, { kind: K }>;

/** What this tracker asks of the others, and what the store makes of their answers. Each exchange resolves to what the replica is to hear. */
export class Exchanges {
  readonly #parts: ExchangeParts;
  /** What the last answer of each carries, until it is merged. */
  readonly #carried = new Map<number, Buffer>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async pull({ to, vector, waitMs }: Effect<'pull'>, ownOrigin: string): Promise<ReplicaEvent> {
    const told = { node: this.#parts.node, origin: ownOrigin, vector };
    const answer = await this.#parts.links.get(to)!.call({
      path: '/replica/pull',
      body: encodePull(told, { waitMs, nowMs: this.#parts.clock?.nowMs() ?? Date.now() }),
      timeoutMs: POLL_MS + GRACE_MS,
      mostBytes: ANSWER_BYTES,
    });
    const { head, carried } = parseHead(answer);
    this.#parts.clock?.heard(head.nowMs);
    this.#carried.set(to, carried);
    const { node, origin, vector: held, answer: kind, replaces } = head;
    return { kind: 'answered', from: to, node, origin, vector: held, answer: kind, replaces };
  }

  async merge(from: number): Promise<ReplicaEvent> {
    const carried = this.#carried.get(from)!;
    this.#carried.delete(from);
    const merged = await this.#parts.log.merge(carried);
    this.#noteForeign(from, merged.foreign);
    return { kind: 'merged', from, vector: merged.vector, ahead: merged.ahead };
  }

  async takeSnapshot(effect: Effect<'snapshot'>): Promise<ReplicaEvent> {
    const { from, vector, replaces } = effect;
    this.#parts.logger.info({ tracker: from, replaces }, 'taking a snapshot');
    let after: PagePlace['after'] = null;
    while (true) {
      const carried = await this.#parts.links.get(from)!.call({
        path: '/replica/snapshot',
        body: encodeRowsQuestion({ after: after as never }),
        timeoutMs: ROWS_TIMEOUT_MS,
        mostBytes: ANSWER_BYTES,
      });
      const merged = await this.#parts.log.mergePage(carried, { after, vector, replaces });
      this.#noteForeign(from, merged.foreign);
      after = merged.next;
      if (merged.ahead > 0 || after === null) {
        const whole = covers(merged.vector, vector);
        return { kind: 'merged', from, vector: merged.vector, ahead: whole ? 0 : Math.max(1, merged.ahead) };
      }
    }
  }

  #noteForeign(from: number, foreign: number): void {
    if (foreign > 0) {
      this.#parts.logger.warn(
        { tracker: from, foreign },
        'users or groups were refused: their ids were not made by their devices',
      );
    }
  }
}
