import { PeerageError } from '@peerage/contract';

/** Longest line that is looked at, in UTF-16 units (script input is cut off at the same number of bytes before it is decoded). */
export const MAX_LINE = 64 * 1024;

interface ScannedWord {
  readonly text: string;
  /** Where the word begins in the line, quotes included. */
  readonly start: number;
}

export interface ScannedLine {
  readonly words: readonly ScannedWord[];
  /** What the line ends inside of, or null: a quote that is not closed, or a backslash with nothing behind it. */
  readonly open: "'" | '"' | '\\' | null;
  /** Whether the line ends in the middle of its last word (no blank behind it). */
  readonly inWord: boolean;
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t';

/**
 * Splits a line as a POSIX shell does, without any expansion: '…' takes everything as it is, "…" knows \" \\ \$ \`, a backslash
 * outside quotes takes the next character as it is, adjacent parts join, '' is an empty word, # where a word would begin ends the line.
 */
export function scan(line: string): ScannedLine {
  const words: ScannedWord[] = [];
  let text = '';
  let start = -1;
  let open: ScannedLine['open'] = null;
  let at = 0;
  for (; at < line.length; at++) {
    const char = line[at]!;
    if (open === "'") {
      if (char === "'") open = null;
      else text += char;
    } else if (open === '"') {
      const next = line[at + 1];
      if (char === '"') open = null;
      else if (char === '\\' && next !== undefined && '"\\$`'.includes(next)) {
        text += next;
        at++;
      } else text += char;
    } else if (isBlank(char)) {
      if (start >= 0) words.push({ text, start });
      text = '';
      start = -1;
    } else if (char === '#' && start < 0) {
      return { words, open: null, inWord: false };
    } else {
      if (start < 0) start = at;
      if (char === "'" || char === '"') open = char;
      else if (char !== '\\') text += char;
      else if (at + 1 < line.length) text += line[++at]!;
      else open = '\\';
    }
  }
  if (start >= 0) words.push({ text, start });
  return { words, open, inWord: start >= 0 };
}

const unbalanced = {
  "'": "a ' is not closed: close it, or write \\' for the character itself",
  '"': 'a " is not closed: close it, or write \\" for the character itself',
  '\\': 'the line ends with a backslash: write \\\\ for the character itself',
} as const;

/** The words of a line; none for a blank line or a comment. A line that can't be split is refused with `usage`. */
export function tokenise(line: string): string[] {
  if (line.length > MAX_LINE) throw new PeerageError('usage', `the line is longer than ${MAX_LINE / 1024} KiB`);
  if (line.includes('\0')) throw new PeerageError('usage', 'the line has a NUL character in it');
  const { words, open } = scan(line);
  if (open !== null) throw new PeerageError('usage', unbalanced[open]);
  return words.map((word) => word.text);
}
