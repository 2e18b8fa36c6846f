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

/** Lines of whole words for that terminal less `indent` columns; a line's own indentation stays, also on what it goes on in. */
export function wrap(text: string, look: Look, indent: number): string[] {
  const lines = text.split('\n');
  if (look.columns === null) return lines;
  const room = Math.max(20, look.columns - indent);
  return lines.flatMap((line) => {
    if (stringWidth(line) <= room) return [line];
    const [own = ''] = /^ */.exec(line)!;
    return wrapAnsi(line.slice(own.length), room - own.length)
      .split('\n')
      .map((part) => own + part);
  });
}
