import type { EngineEvent } from '../engine/engine-protocol.ts';

type Told = Extract<EngineEvent, { type: 'verifying' }>;

/** Hands what the engine tells of a check to those who asked for it. */
export class VerifyProgress {
  readonly #listeners = new Set<(told: Told) => void>();

  onEvent(told: Told): void {
    for (const listener of this.#listeners) listener(told);
  }

  /** Of one share, until the returned function is called. */
  watch(share: string, listener: (doneBytes: number, totalBytes: number) => void): () => void {
    const hear = (told: Told) => {
      if (told.share === share) listener(Math.min(told.doneBytes, told.totalBytes), told.totalBytes);
    };
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }
}
