import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryControl } from '../memory-control.fixture.ts';
import { tokenise } from '../words/tokenise.ts';
import { complete } from './completion.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'peerage-complete-'));
  mkdirSync(join(cwd, 'my folder'));
  for (const name of ['my file.iso', '.hidden', 'team.txt', 'my folder/in side']) writeFileSync(join(cwd, name), '');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const fileNames = ["it's", 'a "b" c', 'plain.iso', 'steer\x1b[2J'];
const control = new MemoryControl({
  list_groups: () => ({
    groups: [
      { id: 'team', owner: 'a', members: 1, standing: 'owner' },
      { id: 'tools', owner: 'a', members: 1, standing: 'none' },
    ],
  }),
  list_files: ({ group }) => ({
    files: fileNames.map((name) => ({
      name: `${group}-${name}`,
      size: 0,
      pieces: 0,
      kind: 'file' as const,
      files: null,
      sha1: '0'.repeat(40),
      info_hash: '0'.repeat(40),
      by: 'a',
      seeders: 1,
      shared_by_you: false,
    })),
  }),
  list_requests: () => ({ requests: [{ user: 'bob', requested_at: 0 }] }),
  shares: () => ({
    shares: [
      { group: 'Team', file: 'mine', path: '/x', size: 1, state: 'offered', uploaded: 0, up_rate: 0, peers: 0 },
      { group: 'tools', file: 'other', path: '/y', size: 1, state: 'offered', uploaded: 0, up_rate: 0, peers: 0 },
    ],
  }),
});

describe('completion', () => {
  it.each([
    ['list_f', ['list_files '], 'list_f'],
    ['leaves', [], 'leaves'],
    ['help list_g', ['list_groups '], 'list_g'],
    ['list_files ', ['team ', 'tools '], ''],
    ['list_files te', ['team '], 'te'],
    ['list_files team ', [], ''],
    ['accept_request team ', ['bob '], ''],
    ['stop_share team ', ['mine '], ''],
    ['download_file team ', ['team-a\\ \\"b\\"\\ c ', "team-it\\'s ", 'team-plain.iso '], ''],
    ['download_file team team-a\\ ', ['team-a\\ \\"b\\"\\ c '], 'team-a\\ '],
    ["download_file team 'team-a", ['\'team-a "b" c\' '], "'team-a"],
    ['download_file team "team-p', ['"team-plain.iso" '], '"team-p'],
    ['upload_file ', ['my\\ file.iso ', 'my\\ folder/', 'team ', 'team.txt ', 'tools '], ''],
    ['upload_file ./my\\ fi', ['./my\\ file.iso '], './my\\ fi'],
    ['upload_file .h', ['.hidden '], '.h'],
    ["upload_file 'my fo", ["'my folder/"], "'my fo"],
    ['upload_file my\\ folder/', ['my\\ folder/in\\ side '], 'my\\ folder/'],
    ['upload_file --', ['--file ', '--group ', '--name '], '--'],
    ['upload_file --group t', ['team ', 'tools '], 't'],
    ['upload_file nowhere/', [], 'nowhere/'],
    ['show_downloads ', [], ''],
    ['pause_download team ', [], ''],
    ['login ali', [], 'ali'],
    ['nonsense x', [], 'x'],
  ])('%j', async (line, candidates, word) => {
    expect(await complete(line, control, cwd)).toEqual([candidates, word]);
  });

  it('gives what the tokeniser reads as the name itself', async () => {
    const name = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab \'"\\#$`-') });
    await fc.assert(
      fc.asyncProperty(name, fc.constantFrom('', "'", '"'), async (group, opening) => {
        const groups = new MemoryControl({
          list_groups: () => ({ groups: [{ id: group, owner: 'a', members: 1, standing: 'none' }] }),
        });
        const [[candidate], word] = await complete(`list_files ${opening}`, groups, cwd);
        expect(word).toBe(opening);
        expect(tokenise(`list_files ${candidate}`)).toEqual(['list_files', group]);
      }),
    );
  });
});
