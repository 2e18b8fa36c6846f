import { PeerageError } from '@peerage/contract';

export interface OneShotWords {
  /** The command's own words. */
  readonly words: readonly string[];
  readonly home: string | undefined;
  readonly json: boolean;
  readonly passwordStdin: boolean;
  readonly help: boolean;
}

const switches = { '--json': 'json', '--password-stdin': 'passwordStdin', '--help': 'help', '-h': 'help' } as const;

/**
 * Takes the words that every one-shot command knows out of those behind its name, wherever they stand; what is left is the command's
 * own. Behind `--` every word is the command's.
 */
export function oneShotWords(args: readonly string[]): OneShotWords {
  const words: string[] = [];
  const found = { json: false, passwordStdin: false, help: false };
  let home: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--') {
      words.push(...args.slice(at));
      break;
    }
    if (word === '--home' || word.startsWith('--home=')) {
      const value = word === '--home' ? args[++at] : word.slice('--home='.length);
      if (!value) throw new PeerageError('usage', '--home needs the folder of a client behind it');
      if (home !== undefined) throw new PeerageError('usage', '--home is given twice');
      home = value;
    } else if (Object.hasOwn(switches, word)) found[switches[word as keyof typeof switches]] = true;
    else words.push(word);
  }
  return { words, home, ...found };
}
