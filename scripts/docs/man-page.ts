import { type Command, optionForm, usageOf } from '../../packages/cli/src/commands/command.ts';
import { commands } from '../../packages/cli/src/commands/table.ts';
import { programs } from '../../packages/cli/src/programs/usage.ts';
import { errorTable } from '../../packages/contract/src/index.ts';

/** Text in roff: no line begins a request, no character is one of its own. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replace(/^([.'])/gm, '\\&$1');

const bold = (text: string): string => `.B "${roff(text).replaceAll('"', '\\(dq')}"`;
const example = (line: string): string[] => ['.IP', '.EX', roff(line), '.EE'];
const described = (word: string, meaning: string): string[] => ['.RS', '.TP', bold(word), roff(meaning), '.RE'];

function commandEntry(entry: Command): string[] {
  return [
    '.TP',
    bold(usageOf(entry)),
    roff(`${entry.summary}.${entry.notes ? ` ${entry.notes}` : ''}`),
    ...(entry.aliases.length > 0 ? [roff(`Also: ${entry.aliases.join(', ')}.`)] : []),
    ...entry.options.flatMap((option) => described(optionForm(option), option.meaning)),
    ...example(entry.example),
  ];
}

/** What each exit code stands for, and the error codes that have it. */
function exitCodes(): string[] {
  const byExit = new Map<number, string[]>();
  for (const [code, { exit }] of Object.entries(errorTable)) byExit.set(exit, [...(byExit.get(exit) ?? []), code]);
  return [...byExit]
    .sort(([a], [b]) => a - b)
    .flatMap(([exit, codes]) => ['.TP', bold(String(exit)), roff(codes.join(', '))]);
}

/** docs/man/peerage.1: the programs and the command table. */
export const manPage = (): string =>
  [
    '.\\" Written by npm run docs from the command table of packages/cli; a test holds the two equal.',
    '.TH PEERAGE 1 "" "Peerage" "User Commands"',
    '.SH NAME',
    'peerage \\- shares large files inside groups of people, peer to peer',
    '.SH SYNOPSIS',
    ...programs.flatMap(({ usage }) => [bold(usage), '.br']),
    '.SH PROGRAMS',
    ...programs.flatMap(({ usage, summary, flags, notes, example: line }) => [
      '.TP',
      bold(usage),
      roff(`${summary}.${notes ? ` ${notes}` : ''}`),
      ...flags.flatMap(([flag, meaning]) => described(flag, meaning)),
      ...example(line),
    ]),
    '.SH COMMANDS',
    'Typed in the shell of a client, read from its standard input, or called as',
    bold('peerage <command>'),
    'where a client is running.',
    ...commands.flatMap(commandEntry),
    '.SH EXIT STATUS',
    'That of the first command that failed:',
    '.TP',
    bold('0'),
    'done',
    ...exitCodes(),
    '.SH ENVIRONMENT',
    '.TP',
    bold('PEERAGE_HOME'),
    "the client's folder, where \\-\\-home is left out",
    '.TP',
    bold('PEERAGE_DATA'),
    "the tracker's folder, where \\-\\-data is left out",
    '.TP',
    bold('NO_COLOR'),
    'no colour, whatever its value',
    '.SH FILES',
    bold('peerage paths'),
    'says where everything is.',
    '',
  ]
    .join('\n')
    .replace(/^\n/gm, '');
