import { PeerageError } from '@peerage/contract';
import { type Argument, type Command, usageOf, type WordKind, type WordsByKey } from './command.ts';

export interface GivenWords {
  readonly byKey: WordsByKey;
  /** Passwords that were left out, in their order. */
  readonly toAsk: readonly Argument[];
}

const isPath = (kind: WordKind): boolean => kind === 'path' || kind === 'path_or_group';

function checkWord(shown: string, kind: WordKind, word: string): void {
  const limit = isPath(kind) ? 4096 : 1024;
  if (word.length > limit) throw new PeerageError('usage', `${shown} is longer than ${limit} characters`);
  if (word === '' && (isPath(kind) || kind === 'password')) throw new PeerageError('usage', `${shown} is empty`);
}

/**
 * Puts the words behind a command's name to its arguments and options. Only declared options are options: any other word with a dash
 * is an argument, and behind `--` every word is. `usage` where the words do not fit.
 */
export function readWords(command: Command, words: readonly string[]): GivenWords {
  const byKey: Record<string, string> = {};
  const rest = words[Symbol.iterator]();
  const fail = (what: string): never => {
    throw new PeerageError('usage', `${what}: ${usageOf(command)}`);
  };
  let position = 0;
  let optionsEnded = false;
  for (const word of rest) {
    if (word === '--' && !optionsEnded) {
      optionsEnded = true;
      continue;
    }
    const option = optionsEnded
      ? undefined
      : command.options.find(({ key }) => word === `--${key}` || word.startsWith(`--${key}=`));
    if (option) {
      const flag = `--${option.key}`;
      const value = word === flag ? rest.next().value : word.slice(flag.length + 1);
      if (value === undefined) return fail(`${flag} needs ${option.value} behind it`);
      if (Object.hasOwn(byKey, option.key)) return fail(`${flag} is given twice`);
      checkWord(flag, option.kind, value);
      byKey[option.key] = value;
      continue;
    }
    const argument = command.arguments[position++];
    // The word itself is not repeated: it may be a password.
    if (!argument) return fail(`too many words for ${command.name}: a word with blanks needs quotes`);
    checkWord(`<${argument.shown}>`, argument.kind, word);
    byKey[argument.key] = word;
  }
  const missing = command.arguments.slice(position);
  const required = missing.find((argument) => !argument.optional && !argument.asked);
  if (required) return fail(`${command.name} needs <${required.shown}>`);
  return { byKey, toAsk: missing.filter((argument) => argument.asked !== undefined) };
}
