import { lookOf } from '../render/look.ts';
import { asRefusal } from '../shell/run-line.ts';
import { errorLine } from '../shell/show-outcome.ts';

/** Says why a program does not start or go on; answers its exit code. */
export function refuse(error: unknown): number {
  const refusal = asRefusal(error);
  process.stderr.write(`${errorLine(refusal, lookOf(process.stderr, process.env))}\n`);
  return refusal.exitCode;
}
