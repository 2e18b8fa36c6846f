import { PeerageError } from '@peerage/contract';
import { readAddress, readFlags, readSize } from './flags.ts';
import { trackerUsage } from './usage.ts';

/** `peerage tracker …`: one tracker in this process, its console on standard input, or one of the tools around it. Answers the exit code. */
export async function trackerProgram(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === 'keygen') return (await import('./tracker-keygen.ts')).keygenProgram(rest);
  if (first === 'backup') return (await import('./tracker-backup.ts')).backupProgram(rest);
  if (first === 'restore') return (await import('./tracker-backup.ts')).restoreProgram(rest);
  if (first === 'console') return (await import('./tracker-console.ts')).consoleProgram(rest);
  if (first === 'retire') return (await import('./tracker-console.ts')).retireProgram(rest);
  const { words, flags } = readFlags(
    args,
    { data: 'string', listen: 'string', secret: 'string', budget: 'string', metrics: 'string', signup: 'string' },
    trackerUsage,
  );
  const [trackerInfoPath, number, extra] = words;
  if (trackerInfoPath === undefined || number === undefined || extra !== undefined) {
    throw new PeerageError('usage', `a tracker needs a tracker file and its number in it: ${trackerUsage}`);
  }
  if (!/^[1-9]\d{0,3}$/.test(number)) {
    throw new PeerageError('usage', `'${number}' is no number of a tracker, they count from 1: ${trackerUsage}`);
  }
  const dataDir = flags.data ?? (process.env['PEERAGE_DATA'] || undefined);
  const { signup } = flags;
  if (signup !== undefined && signup !== 'open' && signup !== 'closed') {
    throw new PeerageError('usage', `--signup is open or closed, not '${signup}': ${trackerUsage}`);
  }
  const { runTracker } = await import('@peerage/tracker');
  return runTracker({
    trackerInfoPath,
    number: Number(number),
    ...(dataDir !== undefined && { dataDir }),
    ...(flags.listen !== undefined && { listen: readAddress(flags.listen, 'the address to listen on') }),
    ...(signup !== undefined && { signup }),
    ...(flags.secret !== undefined && { secretPath: flags.secret }),
    ...(flags.budget !== undefined && { budgetBytes: readSize(flags.budget, '--budget') }),
    ...(flags.metrics !== undefined && { metrics: readAddress(flags.metrics, 'the address for metrics') }),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}
