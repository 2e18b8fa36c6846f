import { randomBytes } from 'node:crypto';
import { CLOCK_HEADER, formatRunTime, PeerageError, parseRunTime, UNTIL_HEADER } from '@peerage/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { RunClock } from '../life/run-clock.ts';
import { type Arrival, type StallFence, tooLate } from '../life/stall-fence.ts';

/** Tells each answer this run's time, and refuses what was too long on its way (docs/spec/tracker-api.md, "Late requests"). */
export class Lateness {
  readonly #run = randomBytes(4).toString('hex');
  readonly #clock: RunClock;
  /** Of a tracker that has others, to which its clients go when it does not answer. */
  readonly #fence: StallFence | undefined;

  constructor(clock: RunClock, fence: StallFence | undefined) {
    this.#clock = clock;
    this.#fence = fence;
  }

  /** Before a byte of a body is read. */
  guard(server: FastifyInstance): void {
    server.decorateRequest('arrival');
    server.addHook('onRequest', (request, _reply, done) => {
      const until = request.headers[UNTIL_HEADER];
      try {
        request.arrival = this.#fence?.arrival();
        if (until !== undefined) this.#require(until);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }

  /** The time of an answer that leaves now. */
  tell(reply: FastifyReply): void {
    reply.header(CLOCK_HEADER, formatRunTime({ run: this.#run, ms: Math.floor(this.#clock.now()) }));
  }

  #require(text: string | string[]): void {
    const until = typeof text === 'string' ? parseRunTime(text) : undefined;
    if (!until) throw new PeerageError('protocol', `the header ${UNTIL_HEADER} is no time of a tracker`);
    if (until.run !== this.#run || until.ms < this.#clock.now()) throw tooLate();
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where the tracker has no others. */
    arrival: Arrival | undefined;
  }
}
