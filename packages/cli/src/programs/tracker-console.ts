import { PeerageError } from '@peerage/contract';
import { readFlags } from './flags.ts';
import { consoleUsage, retireUsage } from './usage.ts';

async function ask(args: readonly string[], usage: string, lineOf: (words: readonly string[]) => string) {
  const { words, flags } = readFlags(args, { data: 'string', number: 'string' }, usage);
  const number = flags.number ?? '1';
  if (words.length === 0 || !/^[1-9]\d{0,3}$/.test(number)) {
    throw new PeerageError('usage', `write ${usage}`);
  }
  const { askOperator, defaultDataFolder } = await import('@peerage/tracker');
  const dataDir = flags.data ?? (process.env['PEERAGE_DATA'] || defaultDataFolder(Number(number)));
  const said = await askOperator(dataDir, lineOf(words));
  process.stdout.write(said);
  return said.startsWith('error: ') ? 1 : 0;
}

/** `peerage tracker console`: one command at the console of a tracker that runs on this machine. */
export const consoleProgram = (args: readonly string[]): Promise<number> =>
  ask(args, consoleUsage, (words) => words.join(' '));

/** `peerage tracker retire`. */
export const retireProgram = (args: readonly string[]): Promise<number> =>
  ask(args, retireUsage, (words) => `retire ${words.join(' ')}`);
