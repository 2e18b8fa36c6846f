import { spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/drive/free-port.ts';
import { startPeerage } from '../../scripts/drive/peerage-process.ts';
import { shareOf } from '../liars/share-of.ts';
import { runProgram } from '../support/run-program.ts';
import { downloadUntil, startTeam, type Team } from '../support/team.ts';

let team: Team;
/** Of somebody who is a member and logged in: a script on it needs no login. */
let home: string;
const path = (name: string) => join(team.folder, name);

beforeAll(async () => {
  team = await startTeam(1);
  home = path('scripted');
  const lines = 'create_user scribe secret\nlogin scribe secret\njoin_group team\n';
  expect(await script(lines)).toMatchObject({ code: 0 });
  await team.members[0]!.do('accept_request', 'team', 'scribe');
});
afterAll(() => team?.stop());

const script = (input: string | Buffer, flags: readonly string[] = [], trackerInfo = team.trackerInfo) =>
  runProgram(['client', '127.0.0.1:0', trackerInfo, '--home', home, ...flags], input);
const whoami = /^scribe on device [0-9a-f]{32}$/gm;
/** The codes of all refusals that a person was told, in order. */
const codesIn = (err: string) => [...err.matchAll(/^error: .+ \((\w+)\)$/gm)].map(([, code]) => code);

/** A script that ends at its first error: what stands behind it is not run. */
async function failing(lines: string, trackerInfo?: string): Promise<readonly [number | null, ...string[]]> {
  const { code, out, err } = await script(`${lines}\nwhoami\n`, [], trackerInfo);
  expect(out).not.toMatch(whoami);
  return [code, ...(codesIn(err) as string[])];
}

describe('the exit code of a script', () => {
  it('is 0 where every command succeeds', async () => {
    expect(await script('list_groups\nwhoami\n')).toMatchObject({ code: 0, out: expect.stringMatching(whoami) });
  });

  it.each([
    [2, 'usage', 'nonsense'],
    [3, 'no_such_group', 'join_group nowhere'],
    [4, 'not_owner', 'list_requests team'],
    [5, 'bad_credentials', 'passwd wrong next'],
    [10, 'user_exists', 'create_user scribe other'],
  ] as const)('is %d for %s', async (code, refusal, line) => {
    expect(await failing(line)).toEqual([code, refusal]);
  });

  it('is 6 where no tracker answers', async () => {
    const dead = path('dead.txt');
    writeFileSync(dead, `127.0.0.1:${await freePort()}\n`);
    expect(await failing('list_groups', dead)).toEqual([6, 'tracker_unreachable']);
  });

  it('is 7 where the time is over before a download is finished', async () => {
    await shareOf(team, 'absent', 'late.txt', { damaged: false, online: false });
    const lines = `download_file team late.txt ${path('late-copy.txt')}\nwait --timeout 0.1`;
    expect(await failing(lines)).toEqual([7, 'timeout']);
    expect(await script('cancel_download team late.txt\n')).toMatchObject({ code: 0 });
  });

  it('is 8 where content is not what it was shared as, and the file never gets its name', async () => {
    const end = await shareOf(team, 'careless', 'damaged.txt', { damaged: true, online: true });
    const copy = path('damaged-copy.txt');
    expect(await failing(`download_file team damaged.txt ${copy}\nwait`)).toEqual([8, 'integrity']);
    await end();
    expect(existsSync(copy)).toBe(false);
    const shown = await script('show_downloads\ncancel_download team damaged.txt\n');
    expect(shown.out).toMatch(/^\[E\] \[team\] damaged\.txt \d+% \('damaged\.txt' does not match the SHA-1 /m);
    expect(existsSync(`${copy}.part`)).toBe(false);
  });

  // Only root may mount a small disk: there is no other way to a full one that harms nobody.
  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('is 9 where it does not fit', async () => {
    writeFileSync(path('large.bin'), Buffer.alloc(2 * 1024 * 1024));
    await team.members[0]!.do('upload_file', path('large.bin'), 'team');
    mkdirSync(path('disk'));
    spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path('disk')]);
    try {
      expect(await failing(`download_file team large.bin ${path('disk')}`)).toEqual([9, 'no_space']);
    } finally {
      spawnSync('/bin/umount', [path('disk')]);
    }
  });

  it('is 130 where a signal interrupts it', async () => {
    await shareOf(team, 'away', 'never.txt', { damaged: false, online: false });
    const args = ['client', '127.0.0.1:0', team.trackerInfo, '--home', home, '--json'];
    const { process: client } = await startPeerage(args, { stream: 'stderr', pattern: /^client listening on / });
    const ended = once(client, 'exit');
    const began = once(client.stdout!, 'data');
    client.stdin!.write(`download_file team never.txt ${path('never-copy.txt')}\nwait\nwhoami\n`);
    const out = [String((await began)[0])];
    client.stdout!.on('data', (chunk) => out.push(String(chunk)));
    client.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(
      out
        .join('')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { command: string }).command),
    ).toEqual(['download_file', 'wait']);
    expect(await script('cancel_download team never.txt\n')).toMatchObject({ code: 0 });
  });
});

describe('what a script may look like', () => {
  it('goes on behind errors with --keep-going', async () => {
    const { code, out, err } = await script('join_group nowhere\nwhoami\nnonsense\nwhoami\n', ['--keep-going']);
    expect([code, out.match(whoami)?.length, codesIn(err)]).toEqual([3, 2, ['no_such_group', 'usage']]);
  });

  it('has comments and blank lines, line ends of other systems, and no end behind its last line', async () => {
    const lines =
      '\uFEFF# a comment\r\n\r\n   \t\r\n\t# another\r\nwhoami # who else\r\n# create_group never\n\nwhoami';
    const { code, out } = await script(lines);
    expect([code, out.replace(whoami, 'me')]).toEqual([0, 'me\nme\n']);
    expect(await script('')).toMatchObject({ code: 0, out: '' });
  });

  it('has lines of any length, of which those above 64 KiB are refused and the next ones run', async () => {
    const lines = [
      'x'.repeat(10 * 1024 * 1024),
      `# ${'x'.repeat(60_000)}`,
      `create_group ${'g'.repeat(60_000)}`,
      'whoami',
    ];
    const { code, out, err } = await script(`${lines.join('\n')}\n`, ['--keep-going']);
    expect([code, out.replace(whoami, 'me'), codesIn(err)]).toEqual([2, 'me\n', ['usage', 'usage']]);
  });

  it('is refused line by line where it is no text at all', async () => {
    const garbage = randomFillSync(Buffer.alloc(256 * 1024));
    for (const byte of [0x00, 0x1b, 0x9b]) garbage.fill(Buffer.from([byte, 0x0a]), byte * 100, byte * 100 + 50);
    const { code, out, err } = await script(Buffer.concat([garbage, Buffer.from('\nwhoami\n')]), [
      '--keep-going',
      '--json',
    ]);
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.length).toBeGreaterThan(500);
    for (const answer of answers.slice(0, -1)) {
      expect(answer).toMatchObject({ command: null, ok: false, error: { code: 'usage' } });
    }
    expect(answers.at(-1)).toMatchObject({ command: 'whoami', ok: true });
    expect([code, codesIn(err)]).toEqual([2, []]);
  });

  it('waits for nothing at its end: what it began goes on at the next start', async () => {
    await shareOf(team, 'tardy', 'begun.txt', { damaged: false, online: false });
    expect(await script(`download_file team begun.txt ${path('begun-copy.txt')}`)).toMatchObject({ code: 0 });
    const { code, out } = await script('show_downloads\ncancel_download team begun.txt\n');
    expect([code, out]).toEqual([0, expect.stringMatching(/^\[[DW]\] \[team\] begun\.txt /m)]);
  });

  it('seeds for as long as it stays', async () => {
    const content = randomFillSync(Buffer.alloc(3 * 1024 * 1024));
    writeFileSync(path('stays.bin'), content);
    const args = ['client', '127.0.0.1:0', team.trackerInfo, '--home', home, '--stay'];
    const { process: seeder } = await startPeerage(args, { stream: 'stderr', pattern: /^client listening on / });
    const ended = once(seeder, 'exit');
    const out = text(seeder.stdout!);
    const shared = once(seeder.stdout!, 'data');
    seeder.stdin!.end(`upload_file ${path('stays.bin')} team`);
    await shared;
    await team.members[0]!.do('download_file', 'team', 'stays.bin', path('stays-copy.bin'));
    await downloadUntil(team.members[0]!, ({ file, state }) => file === 'stays.bin' && state === 'C');
    expect(readFileSync(path('stays-copy.bin')).equals(content)).toBe(true);
    seeder.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await out).toContain(createHash('sha1').update(content).digest('hex'));
  });
});
