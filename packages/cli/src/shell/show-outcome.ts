import type { PeerageError } from '@peerage/contract';
import { clean, jsonLine } from '../render/clean.ts';
import type { Look } from '../render/look.ts';
import type { Outcome } from './run-line.ts';

/** The one line that a program reads. */
export const outcomeJson = (outcome: Outcome): string =>
  jsonLine(
    outcome.ok
      ? { command: outcome.command, ok: true, result: outcome.answer.result }
      : { command: outcome.command, ok: false, error: outcome.error },
  );

/** What a person reads of a refusal: `error: <sentence> (<code>)`. */
export const errorLine = (error: PeerageError, { colours }: Look): string =>
  `${colours.red('error:')} ${clean(error.message)} (${error.code})`;
