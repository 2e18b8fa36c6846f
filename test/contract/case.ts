import type { ErrorCode } from '@peerage/contract';

export type User = 'alice' | 'bob' | 'carol';

/**
 * One line typed by one user and what has to come back. The table is run twice, in two fresh worlds: once with `--json`, once as a person sees it.
 * `{dir}` in a line is the world's folder.
 */
export interface Case {
  readonly who: User;
  readonly line: string;
  /** The refusal; left out: it has to succeed. */
  readonly code?: ErrorCode;
  /** Part of the JSON result. */
  readonly result?: Record<string, unknown>;
  /** What a person must find in the answer (of a refusal: in its sentence). */
  readonly says?: RegExp;
  /** Something that happens outside the shell just before. */
  readonly before?: (folder: string) => void | Promise<void>;
  /** Something that must be true outside the shell just after. */
  readonly after?: (folder: string) => void | Promise<void>;
}

export const refused = (who: User, line: string, code: ErrorCode, says?: RegExp): Case => ({
  who,
  line,
  code,
  ...(says ? { says } : {}),
});

export const done = (who: User, line: string, result?: Record<string, unknown>, says?: RegExp): Case => ({
  who,
  line,
  ...(result ? { result } : {}),
  ...(says ? { says } : {}),
});
