import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Look } from './look.ts';

const GAP = 2;
const NARROWEST_MEANING = 28;

/** Words and their meanings in two columns, the meanings wrapped to the terminal; below each other where the terminal is narrow. */
export function definitions(entries: readonly (readonly [word: string, meaning: string])[], look: Look): string {
  const widest = Math.max(...entries.map(([word]) => stringWidth(word)));
  const beside = widest + GAP;
  const room = look.columns === null ? Number.MAX_SAFE_INTEGER : look.columns - beside;
  const stacked = room < NARROWEST_MEANING;
  return entries
    .map(([word, meaning]) => {
      const lines = stacked ? wrap(meaning, look, 4) : wrapAnsi(meaning, room).split('\n');
      if (stacked) return [look.colours.bold(word), ...lines.map((line) => `    ${line}`)].join('\n');
      const [first = '', ...more] = lines;
      const blanks = ' '.repeat(beside - stringWidth(word));
      return [`${look.colours.bold(word)}${blanks}${first}`, ...more.map((line) => ' '.repeat(beside) + line)].join(
        '\n',
      );
    })
    .join('\n');
}

/** Lines of whole words for that terminal, indented by so many columns (the blanks are not in them). */
export const wrap = (text: string, look: Look, indent: number): string[] =>
  look.columns === null ? [text] : wrapAnsi(text, Math.max(20, look.columns - indent)).split('\n');
