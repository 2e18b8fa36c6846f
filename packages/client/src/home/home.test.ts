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

test('a folder is free at once after its holder was killed', async () => {
  const home = join(folder, 'home');
  const program = `
    import { lockFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)};
    console.log(lockFolder(${JSON.stringify(home)}) ? 'held' : 'refused');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(holder.stdout, 'data');
  expect(String(said).trim()).toBe('held');
  expect(lockFolder(home)).toBeUndefined();
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
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
