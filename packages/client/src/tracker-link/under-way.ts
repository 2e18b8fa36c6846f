import { PeerageError } from '@peerage/contract';

/** Calls that wait for a tracker's answer. */
export class UnderWay {
  readonly #ends = new Set<(error: PeerageError) => void>();

  /** The call's outcome, or the refusal where it is given up before. */
  async until<Value>(call: Promise<Value>): Promise<Value> {
    const givenUp = Promise.withResolvers<never>();
    this.#ends.add(givenUp.reject);
    try {
      return await Promise.race([call, givenUp.promise]);
    } finally {
      this.#ends.delete(givenUp.reject);
    }
  }

  /** Nobody waits for any of them any more; a tracker may still do what it was asked. */
  giveUp(): void {
    for (const end of this.#ends)
      end(new PeerageError('tracker_unreachable', 'the client ends, and no tracker answered'));
  }
}
