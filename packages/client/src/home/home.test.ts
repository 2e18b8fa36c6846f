import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { openHome } from './home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-home-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder is held by one, and free when it is released', () => {
  const lock = lockFolder(join(folder, 'home'));
  expect(lock).toBeDefined();
  expect(lockFolder(join(folder, 'home'))).toBeUndefined();
  lock!.release();
  const again = lockFolder(join(folder, 'home'));
  expect(again).toBeDefined();
  again!.release();
});

/** Runs lines that may lock `home` in a process of its own; killed at the end, whatever becomes of the test. */
async function withHolder(lines: string, use: (said: string) => Promise<void>): Promise<void> {
  const program = `
    import { lockFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)};
    const home = ${JSON.stringify(join(folder, 'home'))};
    ${lines}
    setInterval(() => {}, 1000);`;
  const flags = ['--expose-gc', '--input-type=module', '--eval', program];
  const holder = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(holder, 'exit');
  try {
    const [said] = await once(holder.stdout, 'data');
    await use(String(said).trim());
  } finally {
    holder.kill('SIGKILL');
    await gone;
  }
}

test('a folder stays held when its holder keeps no reference to the lock and memory is collected', async () => {
  const lines = `
    lockFolder(home);
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
    console.log('collected');`;
  await withHolder(lines, async () => expect(lockFolder(join(folder, 'home'))).toBeUndefined());
});

test('a folder is free at once after its holder was killed', async () => {
  const home = join(folder, 'home');
  await withHolder("console.log(lockFolder(home) ? 'held' : 'refused');", async (said) => {
    expect(said).toBe('held');
    expect(lockFolder(home)).toBeUndefined();
  });
  const lock = lockFolder(home);
  expect(lock).toBeDefined();
  lock!.release();
});

test('a home is for its user alone', () => {
  const home = openHome(join(folder, 'home'), null, {});
  expect(statSync(home.path).mode & 0o777).toBe(0o700);
  home.lock.release();
});

test('without a home the first default folder that nobody holds is taken; with an address the folder of that address', () => {
  const env = { XDG_DATA_HOME: folder };
  const first = openHome(null, null, env);
  const second = openHome(null, null, env);
  expect(first.path).toBe(join(folder, 'peerage', 'client', 'default'));
  expect(second.path).toBe(join(folder, 'peerage', 'client', 'default-2'));
  const addressed = openHome(null, { host: '127.0.0.1', port: 7801 }, env);
  expect(addressed.path).toBe(join(folder, 'peerage', 'client', '127.0.0.1_7801'));
  expect(() => openHome(null, { host: '127.0.0.1', port: 7801 }, env)).toThrow(PeerageError);
  expect(() => openHome(first.path, null, env)).toThrow(/another client is running on the folder/);
  for (const home of [first, second, addressed]) home.lock.release();
});

test('PEERAGE_HOME is the folder itself', () => {
  const home = openHome(null, null, { PEERAGE_HOME: join(folder, 'mine') });
  expect(home.path).toBe(join(folder, 'mine'));
  home.lock.release();
});
