import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { startTeam, type Team } from '../support/team.ts';

/** Keys are exchanged, and put out, while clients are connected. */

let team: Team;
beforeAll(async () => {
  team = await startTeam(2);
});
afterAll(() => team.stop());

async function atConsole(line: string, answer: RegExp): Promise<RegExpExecArray> {
  const { process, output } = team.tracker;
  const before = output().length;
  process.stdin?.write(`${line}\n`);
  for (;;) {
    const found = answer.exec(output().slice(before)); // its last 64 KiB are kept: it says less here
    if (found) return found;
    await once(process.stdout!, 'data');
  }
}

function rememberedKey(place: number): string {
  const library = new DatabaseSync(join(team.home(place), 'library.db'), { readOnly: true });
  const pin = String(library.prepare('SELECT pin FROM tracker_keys').get()?.['pin']);
  library.close();
  return pin;
}

const address = () => readFileSync(team.trackerInfo, 'utf8').trim().split(' ')[0]!;

/** Shares new content and fetches it, however long that takes. */
async function travels(name: string): Promise<void> {
  const [owner, member] = team.members;
  const path = join(team.folder, name);
  writeFileSync(path, name.repeat(1_000));
  await owner!.do('upload_file', path, 'team');
  await member!.do('download_file', 'team', name, `${path}.copy`);
  await member!.do('wait', '--timeout', '60');
  expect(readFileSync(`${path}.copy`, 'utf8')).toBe(name.repeat(1_000));
}

it("a new key of the port that the known one signed is followed; the file's old pin too; no other key", async () => {
  const before = rememberedKey(1);
  const [, after] = await atConsole('rotate_key', /key is sha256:([0-9a-f]{64}) now/);
  expect(after).not.toBe(before);
  await expect.poll(() => team.members[1]!.send('list_groups').then(({ ok }) => ok)).toBe(true);
  expect(rememberedKey(1)).toBe(after);
  await travels('after-rotation');
  for (const [pin, code] of [
    [before, 'bad_credentials'],
    [after, 'bad_credentials'],
    ['0'.repeat(64), 'tracker_key_changed'],
  ]) {
    const file = join(team.folder, `pinned-${pin!.slice(0, 8)}.txt`);
    writeFileSync(file, `${address()} sha256:${pin}\n`);
    const home = join(team.folder, `home-${pin!.slice(0, 8)}`);
    const { err } = await runProgram(['client', '127.0.0.1:0', file, '--home', home], 'login nobody secret\n');
    expect(err).toContain(`(${code})`);
  }
});

it('a retired issuer is out: nothing is fetched before there is a new one, and then it is', async () => {
  const [owner, member] = team.members;
  await travels('before');
  const retire = ['tracker', 'retire', '1', '--data', join(team.folder, 'tracker')];
  expect(await runProgram(retire)).toMatchObject({ code: 0, out: expect.stringContaining('retired now: 1') });
  expect(await runProgram(['tracker', 'retire', '7', ...retire.slice(3)])).toMatchObject({ code: 1 });
  expect(await runProgram(['tracker', 'retire', '1', '--data', team.folder])).toMatchObject({ code: 6 });
  const path = join(team.folder, 'meanwhile');
  writeFileSync(path, 'meanwhile');
  await owner!.do('upload_file', path, 'team');
  await member!.do('download_file', 'team', 'meanwhile', `${path}.copy`);
  const waiting = await member!.send('wait', '--timeout', '3');
  expect(waiting).toMatchObject({ ok: false, error: { code: 'timeout' } });
  await atConsole('rotate_issuer', /from now on/);
  await member!.do('wait', '--timeout', '90');
  expect(readFileSync(`${path}.copy`, 'utf8')).toBe('meanwhile');
});
