import type { PieceStore } from '@peerage/storage';

const CHECKPOINT_MS = 5000;

/** Syncs a download in the background, so that a power cut costs seconds and nobody waits for the disk at the end. */
export class Checkpoints {
  readonly #onFailed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(onFailed: (error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  soon(store: PieceStore): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running = store.checkpoint().catch((error: unknown) => this.#onFailed(error)); // one after the other: the store sees to it
    }, CHECKPOINT_MS);
  }

  /** None begins any more, until the next `soon`; resolves when one that is under way has ended. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }
}
