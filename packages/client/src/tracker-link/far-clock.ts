import { formatRunTime, parseRunTime, type RunTime } from '@peerage/contract';

/**
 * The clock of one run of a tracker as far as its answers tell it: behind by what the last one was on its way, never ahead. So a time that is named by it comes at the tracker
 * no later than it comes here.
 */
export class FarClock {
  readonly #monotonicMs: () => number;
  #last: { readonly told: RunTime; readonly atMs: number } | undefined;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** An answer arrives, with this header. */
  told(header: string | string[] | undefined): void {
    const told = typeof header === 'string' ? parseRunTime(header) : undefined;
    if (told) this.#last = { told, atMs: this.#monotonicMs() };
  }

  /** The time so much later than now, for a header; undefined before the first answer. */
  in(ms: number): string | undefined {
    if (!this.#last) return undefined;
    const { told, atMs } = this.#last;
    return formatRunTime({ run: told.run, ms: Math.floor(told.ms + this.#monotonicMs() - atMs + ms) });
  }
}
