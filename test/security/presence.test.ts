import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Members who name a stranger's machine as theirs. A network of its own has addresses of the internet on one machine; on loopback the rule is another one: all that
 * is there is one machine's, and an address other than 127.0.0.1 and ::1 counts only if the heartbeat came from it.
 */

const worldEntry = fileURLToPath(new URL('./presence-world.ts', import.meta.url));
const hasNetworks = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0;

interface Seen {
  /** Of 20 members. */
  readonly complete: number;
  /** Where each connection to the stranger came from. */
  readonly visitors: readonly string[];
  readonly ownerAt: readonly string[];
  readonly malloryAt: readonly string[];
  readonly tracker: string;
  /** What the whole took. */
  readonly minutes: number;
}

async function seenIn(world: 'global' | 'loopback'): Promise<Seen> {
  const args = ['-n', process.execPath, '--disable-warning=ExperimentalWarning', worldEntry, world];
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  return JSON.parse(said);
}

describe.runIf(hasNetworks)('a stranger whose address two members give as theirs', { timeout: 240_000 }, () => {
  it('on the internet: 20 members never come, the tracker at most once a minute; an address where its device answers is told', async () => {
    const seen = await seenIn('global');
    expect(seen.complete).toBe(20);
    expect(seen.visitors.filter((from) => from !== seen.tracker)).toEqual([]);
    expect(seen.visitors.length).toBeLessThanOrEqual(1 + seen.minutes);
    expect(seen.ownerAt).toContain('198.51.100.9');
    expect(seen.malloryAt).not.toContain('198.51.100.7');
  });

  it('on loopback: nobody comes', async () => {
    const seen = await seenIn('loopback');
    expect(seen.complete).toBe(20);
    expect(seen.visitors).toEqual([]);
    expect(seen.malloryAt).not.toContain('127.0.0.50');
  });
});
