import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ControlApi } from '@peerage/contract';
import type { Command, WordKind } from '../commands/command.ts';
import { assignWords } from '../commands/read-words.ts';
import { commands, findCommand } from '../commands/table.ts';
import { clean } from '../render/clean.ts';
import { expandHome } from '../words/home-path.ts';
import { type QuoteStyle, quote } from '../words/quote.ts';
import { scan } from '../words/tokenise.ts';

/** What readline wants: candidates for the last word as it is typed, and that word. */
export type Completion = [string[], string];

interface Typing {
  readonly control: ControlApi;
  readonly cwd: string;
  /** The word so far, without its quotes. */
  readonly text: string;
  /** The group given before it. */
  readonly group: string | undefined;
}

/** Local names that begin with what is typed; folders end in a slash. Hidden ones only where a dot is typed. */
async function paths({ cwd, text }: Typing): Promise<string[]> {
  const folder = text.slice(0, text.lastIndexOf('/') + 1);
  const begin = text.slice(folder.length);
  const entries = await readdir(resolve(cwd, expandHome(folder || '.')), { withFileTypes: true });
  return entries
    .filter(({ name }) => name.startsWith(begin) && (begin.startsWith('.') || !name.startsWith('.')))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : '')); // as it was typed: ./a stays ./a
}

async function candidates(kind: WordKind, typing: Typing): Promise<string[]> {
  const { control, group } = typing;
  const inGroup = (row: { readonly group: string; readonly file: string }): string[] =>
    row.group.toLowerCase() === group?.toLowerCase() ? [row.file] : [];
  switch (kind) {
    case 'command':
      return commands.map(({ name }) => name);
    case 'path':
      return paths(typing);
    case 'path_or_group':
      // A folder that is not there, or nobody logged in, leaves the other reading.
      return (await Promise.allSettled([candidates('group', typing), paths(typing)])).flatMap((found) =>
        found.status === 'fulfilled' ? found.value : [],
      );
    case 'group':
      return (await control.call('list_groups', {})).groups.map(({ id }) => id);
    case 'download':
      return (await control.call('show_downloads', {})).downloads.flatMap(inGroup);
    case 'share':
      return (await control.call('shares', {})).shares.flatMap(inGroup);
    case 'device':
      return (await control.call('devices', {})).devices.map(({ device }) => device);
    case 'file':
      return group === undefined ? [] : (await control.call('list_files', { group })).files.map(({ name }) => name);
    case 'requester':
      return group === undefined
        ? []
        : (await control.call('list_requests', { group })).requests.map(({ user }) => user);
    case 'member':
      return group === undefined ? [] : (await control.call('list_members', { group })).members.map(({ user }) => user);
    case 'user':
    case 'password':
    case 'name':
    case 'seconds':
    case 'invitation':
      return [];
  }
}

async function candidatesFor(
  command: Command,
  words: readonly string[],
  text: string,
  context: Omit<Typing, 'text' | 'group'>,
) {
  const slots = assignWords(command, [...words, text]);
  const last = slots.at(-1)!;
  if ((last.type === 'argument' || last.type === 'end') && text.startsWith('-')) {
    const options = command.options.map(({ key }) => `--${key}`).filter((option) => option.startsWith(text));
    if (options.length > 0) return options;
  }
  if (last.filled?.kind === undefined || last.type === 'flag') return [];
  const group = slots.find(({ filled }) => filled?.kind === 'group')?.word;
  return candidates(last.filled.kind, { ...context, text: last.word, group });
}

const styleOf = (raw: string): QuoteStyle =>
  raw.startsWith("'") ? 'single' : raw.startsWith('"') ? 'double' : 'backslash';

/** A candidate as it would be typed, in the quotes that were begun; a finished word gets a blank behind it. */
function typed(candidate: string, style: QuoteStyle): string {
  const word = quote(candidate, style);
  const begun = style === 'backslash' || /^['"]/.test(word) ? word : style === 'double' ? `"${word}"` : `'${word}'`;
  const unfinished = candidate.endsWith('/');
  return unfinished ? (style === 'backslash' ? begun : begun.slice(0, -1)) : `${begun} `;
}

/**
 * What the word that is being typed (`text`, without its quotes) may become. What can't be asked for (nobody is logged in, no such folder)
 * completes to nothing. Names that can't be shown as they are, are left out: they are printed raw.
 */
export async function completions(
  [name, ...before]: readonly string[],
  text: string,
  control: ControlApi,
  cwd: string,
): Promise<string[]> {
  let found: string[];
  try {
    found =
      name === undefined
        ? commands.map((command) => command.name)
        : await candidatesFor(findCommand(name), before, text, { control, cwd });
  } catch {
    return [];
  }
  return found.filter((candidate) => candidate === clean(candidate));
}

/** Completes the last word of `line`, which is all that is left of the cursor. */
export async function complete(line: string, control: ControlApi, cwd: string): Promise<Completion> {
  const { words, inWord } = scan(line);
  const last = inWord ? words.at(-1)! : { text: '', start: line.length };
  const raw = line.slice(last.start);
  const before = words.slice(0, inWord ? -1 : undefined).map(({ text }) => text);
  const style = styleOf(raw);
  const fitting = (await completions(before, last.text, control, cwd))
    .map((candidate) => typed(candidate, style))
    .filter((candidate) => candidate.startsWith(raw));
  return [[...new Set(fitting)].sort(), raw];
}
