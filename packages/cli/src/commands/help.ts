import { definitions, wrap } from '../render/definitions.ts';
import type { Look } from '../render/look.ts';
import { type Command, localCommand, optionForm, usageOf } from './command.ts';

/** What help tells about one command, for people. */
export function commandPage(entry: Command, look: Look): string {
  const below = (text: string): string[] => wrap(text, look, 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`);
  return [
    ...wrap(`${look.colours.bold(usageOf(entry))}: ${entry.summary}`, look, 0),
    ...entry.options.flatMap((option) => below(`${optionForm(option)}: ${option.meaning}`)),
    ...(entry.aliases.length > 0 ? below(`also: ${entry.aliases.join(', ')}`) : []),
    ...(entry.notes ? below(entry.notes) : []),
    `  example: ${entry.example}`,
  ].join('\n');
}

/** All commands, a line each; their options are told by `help <command>`. */
const commandsOverview = (entries: readonly Command[], look: Look): string =>
  definitions(
    entries.map((entry) => [usageOf({ ...entry, options: [] }), entry.summary] as const),
    look,
  );

const hint = 'help <command> tells more. Words with blanks: \'my file.iso\', "my file.iso" or my\\ file.iso';

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
        return {
          result: { commands: all().map(forPrograms) },
          text: (look) => `${commandsOverview(all(), look)}\n${wrap(hint, look, 0).join('\n')}`,
        };
      }
      const entry = find(String(command));
      return { result: { commands: [forPrograms(entry)] }, text: (look) => commandPage(entry, look) };
    },
  });
