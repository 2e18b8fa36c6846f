import type { ErrorCode } from '@peerage/contract';
import { type ErrorWorld, type Refusal, refused } from '../error-world.ts';

export interface ErrorCase {
  readonly how: (world: ErrorWorld) => Promise<Refusal>;
  /** The thing that it is about. */
  readonly names: RegExp;
  /** What to do, or all that is left to know. */
  readonly advice: RegExp;
  /** Left out: everywhere. */
  readonly possible?: () => boolean;
}

export type ErrorCases = readonly (readonly [ErrorCode, ErrorCase])[];

type Who = 'owner' | 'member' | 'stranger' | 'guest';

/** One line does it. */
export const line = (who: Who, words: string, names: RegExp, advice: RegExp): ErrorCase => ({
  how: (world) => refused(world[who], words),
  names,
  advice,
});
