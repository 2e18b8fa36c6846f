import { PeerageError } from '@peerage/contract';
import { readFlags } from './flags.ts';
import { keygenUsage } from './usage.ts';

/** `peerage tracker keygen`: makes or exchanges a cluster's secret. */
export async function keygenProgram(args: readonly string[]): Promise<number> {
  const { words, flags } = readFlags(args, { next: 'boolean', drop: 'boolean' }, keygenUsage);
  const [path, extra] = words;
  if (path === undefined || extra !== undefined || (flags.next && flags.drop)) {
    throw new PeerageError('usage', `keygen needs the file of the secret: ${keygenUsage}`);
  }
  process.umask(0o077);
  const { keygen } = await import('@peerage/tracker');
  process.stdout.write(`${keygen(path, flags.next ? 'next' : flags.drop ? 'drop' : 'new')}\n`);
  return 0;
}
