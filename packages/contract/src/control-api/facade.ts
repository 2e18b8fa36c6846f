import type { ControlName, ControlParams, ControlResult } from './commands.ts';
import type { ControlEvent, Progress } from './events.ts';

export interface CallOptions {
  /** Ends the command with `interrupted`; what it had begun in the background goes on. */
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: Progress) => void;
}

/** The part of AbortSignal that a caller's cancellation needs; declared here because this package runs where DOM types may be missing. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A client, seen from a skin: the shell in its own process, one-shot calls and the page over HTTP. Plain data in and out; refusals are PeerageError. */
export interface ControlApi {
  call<C extends ControlName>(command: C, params: ControlParams<C>, options?: CallOptions): Promise<ControlResult<C>>;
  /** Returns what ends the subscription. */
  subscribe(listener: (event: ControlEvent) => void): () => void;
}
