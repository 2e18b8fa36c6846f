import { PeerageError } from '@peerage/contract';
import { expandHome } from '../words/home-path.ts';
import { type Argument, type Command, type Option, usageOf, type WordKind, type WordsByKey } from './command.ts';

export interface GivenWords {
  readonly byKey: WordsByKey;
  /** Passwords that were left out, in their order. */
  readonly toAsk: readonly Argument[];
}

const isPath = (kind: WordKind): boolean => kind === 'path' || kind === 'path_or_group';

function checkWord(shown: string, kind: WordKind, word: string): void {
  const limit = isPath(kind) || kind === 'invitation' ? 4096 : 1024;
  if (word.length > limit) throw new PeerageError('usage', `${shown} is longer than ${limit} characters`);
  if (word === '' && (isPath(kind) || kind === 'password')) throw new PeerageError('usage', `${shown} is empty`);
}

/** What one word behind a command's name is. `--key=value` is one word with the value's slot; `flag` is `--key` alone, its value follows; `switch` is one that takes none. */
interface Slot {
  readonly type: 'argument' | 'option' | 'flag' | 'switch' | 'end' | 'extra';
  readonly word: string;
  readonly filled: Argument | Option | undefined;
}

/**
 * Which argument or option each word is for. Only declared options are options: any other word with a dash is an argument, and behind
 * `--` every word is.
 */
export function assignWords(command: Command, words: readonly string[]): Slot[] {
  const slots: Slot[] = [];
  let position = 0;
  let optionsEnded = false;
  for (const word of words) {
    const before = slots.at(-1);
    const option = optionsEnded
      ? undefined
      : command.options.find(({ key }) => word === `--${key}` || word.startsWith(`--${key}=`));
    if (before?.type === 'flag') slots.push({ type: 'option', word, filled: before.filled });
    else if (word === '--' && !optionsEnded) {
      optionsEnded = true;
      slots.push({ type: 'end', word, filled: undefined });
    } else if (option && word === `--${option.key}`) {
      slots.push({ type: option.value === undefined ? 'switch' : 'flag', word, filled: option });
    } else if (option) slots.push({ type: 'option', word: word.slice(option.key.length + 3), filled: option });
    else {
      const filled = command.arguments[position++];
      slots.push({ type: filled ? 'argument' : 'extra', word, filled });
    }
  }
  return slots;
}

/** Puts the words behind a command's name to its arguments and options; `usage` where they do not fit. */
export function readWords(command: Command, words: readonly string[]): GivenWords {
  const byKey: Record<string, string | true | readonly string[]> = {};
  const fail: (what: string) => never = (what) => {
    throw new PeerageError('usage', `${what}: ${usageOf(command)}`);
  };
  const slots = assignWords(command, words);
  for (const { type, word, filled } of slots) {
    // The word itself is not repeated: it may be a password.
    if (type === 'extra') fail(`too many words for ${command.name}, a word with blanks needs quotes`);
    if (filled === undefined || type === 'flag') continue;
    const shown = type === 'argument' ? `<${(filled as Argument).shown}>` : `--${filled.key}`;
    const before = Object.hasOwn(byKey, filled.key) ? byKey[filled.key] : undefined;
    const isRepeatable = 'repeatable' in filled && filled.repeatable === true;
    if (before !== undefined && !isRepeatable) fail(`${shown} is given twice`);
    if (type === 'switch') {
      byKey[filled.key] = true;
      continue;
    }
    if (filled.kind === undefined) fail(`${shown} takes no value`);
    checkWord(shown, filled.kind, word);
    const read = isPath(filled.kind) ? expandHome(word) : word;
    byKey[filled.key] = isRepeatable ? [...((before as readonly string[] | undefined) ?? []), read] : read;
  }
  const last = slots.at(-1);
  if (last?.type === 'flag') fail(`${last.word} needs a value behind it`);
  const missing = command.arguments.filter((argument) => !Object.hasOwn(byKey, argument.key));
  const required = missing.find((argument) => !argument.optional && !argument.asked);
  if (required) fail(`${command.name} needs <${required.shown}>`);
  return { byKey, toAsk: missing.filter((argument) => argument.asked !== undefined) };
}
