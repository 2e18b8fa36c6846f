import type { PeerageError } from '@peerage/contract';

/** A tracker that lets a request wait this long is looked at. */
const LOOK_AFTER_MS = 400;
const LOOK_AGAIN_MS = 1_000;

/**
 * Tells a tracker that takes long from one that is gone (stopped, or behind a black hole), where a connection says nothing: while a request waits, new connections are tried.
 * Always true: the timer or a try runs exactly while something waits; a failed try ends everything that waited when it began, and nothing that came since.
 */
export class AnswerWatch {
  readonly #probe: () => Promise<unknown>;
  readonly #waiting = new Set<(error: PeerageError) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  /** `probe` rejects where no connection can be made in time. */
  constructor(probe: () => Promise<unknown>) {
    this.#probe = probe;
  }

  /** `giveUp` is called when the tracker is gone; the returned function is to be called when there is an answer or another end. */
  watch(giveUp: (error: PeerageError) => void): () => void {
    this.#waiting.add(giveUp);
    if (!this.#isLooking) this.#timer ??= setTimeout(() => this.#look(), LOOK_AFTER_MS);
    return () => {
      this.#waiting.delete(giveUp);
      if (this.#waiting.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  #look(): void {
    this.#timer = undefined;
    this.#isLooking = true;
    const waited = [...this.#waiting];
    this.#probe().then(
      () => {
        this.#isLooking = false;
        if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#look(), LOOK_AGAIN_MS);
      },
      (error: PeerageError) => {
        this.#isLooking = false;
        for (const giveUp of waited) if (this.#waiting.delete(giveUp)) giveUp(error);
        if (this.#waiting.size > 0) this.#look();
      },
    );
  }
}
