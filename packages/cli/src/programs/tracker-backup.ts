import { PeerageError } from '@peerage/contract';
import { showBytes } from '../render/quantities.ts';
import { readFlags } from './flags.ts';
import { backupUsage, restoreUsage } from './usage.ts';

/** The file, and the data folder that is meant. */
async function readCall(args: readonly string[], usage: string): Promise<{ path: string; dataDir: string }> {
  const { words, flags } = readFlags(args, { data: 'string', number: 'string' }, usage);
  const [path, extra] = words;
  const number = flags.number ?? '1';
  if (path === undefined || extra !== undefined || !/^[1-9]\d{0,3}$/.test(number)) {
    throw new PeerageError('usage', `name one file, and the number of a tracker or its data folder: ${usage}`);
  }
  const { defaultDataFolder } = await import('@peerage/tracker');
  return { path, dataDir: flags.data ?? (process.env['PEERAGE_DATA'] || defaultDataFolder(Number(number))) };
}

/** `peerage tracker backup`. */
export async function backupProgram(args: readonly string[]): Promise<number> {
  const { path, dataDir } = await readCall(args, backupUsage);
  const { makeBackup } = await import('@peerage/tracker');
  const { sizeBytes, metainfoFiles } = makeBackup(dataDir, path, Date.now());
  process.stdout.write(`${path} holds ${dataDir}: ${showBytes(sizeBytes)}, metainfo of ${metainfoFiles} files\n`);
  return 0;
}

/** `peerage tracker restore`. */
export async function restoreProgram(args: readonly string[]): Promise<number> {
  const { path, dataDir } = await readCall(args, restoreUsage);
  const { restoreBackup } = await import('@peerage/tracker');
  const { madeAtMs } = restoreBackup(path, dataDir);
  const made = new Date(madeAtMs).toISOString().slice(0, 16).replace('T', ' ');
  process.stdout.write(
    `${dataDir} holds the backup of ${made} UTC: a tracker started on it serves once it has read from another one, or its operator types accept_loss\n`,
  );
  return 0;
}
