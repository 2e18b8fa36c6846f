import type { Look } from '../render/look.ts';
import { type Command, localCommand, usageOf } from './command.ts';

/** What help tells about one command, for people. */
function page(entry: Command, { colours }: Look): string {
  return [
    `${colours.bold(usageOf(entry))}: ${entry.summary}`,
    ...entry.options.map((option) => `  --${option.key} ${option.value}: ${option.meaning}`),
    ...(entry.aliases.length > 0 ? [`  also: ${entry.aliases.join(', ')}`] : []),
    ...(entry.notes ? [`  ${entry.notes}`] : []),
    `  example: ${entry.example}`,
  ].join('\n');
}

function overview(entries: readonly Command[], { colours }: Look): string {
  const width = Math.max(...entries.map((entry) => usageOf(entry).length));
  return [
    ...entries.map(
      (entry) => `${colours.bold(usageOf(entry))}${' '.repeat(width - usageOf(entry).length)}  ${entry.summary}`,
    ),
    'help <command> tells more. Words with blanks: \'my file.iso\', "my file.iso" or my\\ file.iso',
  ].join('\n');
}

const forPrograms = (entry: Command): object => ({
  name: entry.name,
  aliases: entry.aliases,
  usage: usageOf(entry),
  summary: entry.summary,
  example: entry.example,
});

/** `find` is the table's own look-up, `all` its entries: help is one of them, so it can't import the table. */
export const help = (all: () => readonly Command[], find: (word: string) => Command): Command =>
  localCommand({
    name: 'help',
    summary: 'all commands, or one of them in full',
    arguments: [{ key: 'command', shown: 'command', kind: 'command', optional: true }],
    example: 'help upload_file',
    answer: ({ command }) => {
      if (command === undefined) {
        return { result: { commands: all().map(forPrograms) }, text: (look) => overview(all(), look) };
      }
      const entry = find(command);
      return { result: { commands: [forPrograms(entry)] }, text: (look) => page(entry, look) };
    },
  });
