import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlApi, ControlName } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AllowedFolders } from './allowed-folders.ts';
import { pageControl } from './page-control.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-guard-'));
  for (const name of ['seen', 'unseen', 'home']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the page removes files of downloads only where it may see them; from the list it removes any', async () => {
  const cancelled: unknown[] = [];
  const downloads = ['seen', 'unseen'].map((place) => ({
    group: 'team',
    file: `${place}.bin`,
    destination: join(folder, place, 'a.bin'),
  }));
  const call = async (command: string, params: unknown) => {
    if (command === 'cancel_download') cancelled.push(params);
    return { downloads };
  };
  const control = { call, subscribe: () => () => undefined } as unknown as ControlApi;
  const home = join(folder, 'home');
  const page = pageControl(control, new AllowedFolders([join(folder, 'seen')], home, join(home, 'dropped')));
  const seen = { group: 'team', file: 'seen.bin', data: 'remove' } as const;
  const listOnly = { group: 'team', file: 'unseen.bin' };
  await page.call('cancel_download', seen);
  await page.call('cancel_download', listOnly);
  for (const group of ['team', 'TEAM']) {
    const unseen = { group, file: 'unseen.bin', data: 'remove' } as const;
    await expect(page.call('cancel_download', unseen)).rejects.toMatchObject({ code: 'path_not_allowed' });
  }
  expect(cancelled).toEqual([seen, listOnly]);
});

test.each<[ControlName, object]>([
  ['upload_file', { path: true, group: 'team', cwd: '/' }],
  ['download_file', { group: 'team', file: 'a.bin', destination: 7, cwd: '/' }],
  ['cancel_download', { group: 65536, file: 'a.bin', data: 'remove' }],
])('%s with words of another form is for the facade to refuse', async (command, params) => {
  const called: unknown[] = [];
  const call = async (...given: unknown[]) => void called.push(given.slice(0, 2));
  const control = { call, subscribe: () => () => undefined } as unknown as ControlApi;
  const home = join(folder, 'home');
  const page = pageControl(control, new AllowedFolders([join(folder, 'seen')], home, join(home, 'dropped')));
  await page.call(command, params as never);
  expect(called).toEqual([[command, params]]);
});
