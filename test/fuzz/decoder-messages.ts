import type { Figures } from './report.ts';

export interface DecoderWork {
  readonly seed: number;
  readonly seconds: number;
  /** Seconds are the thread's processor time: the search is as long on a machine with other work. */
  readonly byProcessor: boolean;
  /** Only these; empty: all. */
  readonly only: readonly string[];
  /** What the worker is at: [0] counts inputs, [1] number of the decoder, [2] length of the input; then the input itself. */
  readonly current: SharedArrayBuffer;
}

export type FromDecoders =
  | {
      readonly type: 'crash';
      readonly name: string;
      readonly input: Uint8Array;
      readonly message: string;
      readonly afterMs: number;
    }
  | { readonly type: 'figures'; readonly figures: readonly Figures[] }
  /** Live memory after a collection. */
  | { readonly type: 'memory'; readonly moment: 'settled' | 'end'; readonly bytes: number }
  | { readonly type: 'end' };

export const CURRENT_HEAD_BYTES = 12;
export const CURRENT_BYTES = 256 * 1024;
