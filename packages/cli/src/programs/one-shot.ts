import { PeerageError } from '@peerage/contract';
import { readWords } from '../commands/read-words.ts';
import { findCommand } from '../commands/table.ts';
import { lookOf } from '../render/look.ts';
import { asRefusal, type Outcome } from '../shell/run-line.ts';
import { errorLine, outcomeJson } from '../shell/show-outcome.ts';

function answer(name: string, words: readonly string[]): Outcome {
  let command: string | null = null;
  try {
    const entry = findCommand(name);
    command = entry.name;
    if (entry.local && !entry.leaves) {
      return { command, ok: true, answer: entry.local(readWords(entry, words).byKey), leaves: false };
    }
    throw new PeerageError(
      'not_yet',
      `'peerage ${entry.name}' can not reach a running client yet: type ${entry.name} in the shell of 'peerage client <tracker_info>', or pipe it in`,
    );
  } catch (error) {
    return { command, ok: false, error: asRefusal(error) };
  }
}

/** `peerage <command> …`: of these only help is answered in this version. */
export function oneShot(name: string, words: readonly string[]): number {
  const json = words.includes('--json');
  const outcome = answer(
    name,
    words.filter((word) => word !== '--json'),
  );
  if (json) process.stdout.write(`${outcomeJson(outcome)}\n`);
  else if (outcome.ok) process.stdout.write(`${outcome.answer.text(lookOf(process.stdout, process.env))}\n`);
  else process.stderr.write(`${errorLine(outcome.error, lookOf(process.stderr, process.env))}\n`);
  return outcome.ok ? 0 : outcome.error.exitCode;
}
