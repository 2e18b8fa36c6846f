import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { SpokenClient } from '../support/spoken-client.ts';
import { downloadUntil, sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';
import { CrookedMember } from './crooked-member.ts';
import type { Manners } from './manners.ts';

const MIB = 1024 * 1024;

/** Three members, and `leo`, a fourth one, who reads what his client says. */
let team: Team;
let leo: SpokenClient;
const crooked: CrookedMember[] = [];
let crookedEver = 0;

beforeAll(async () => {
  team = await startTeam(3);
  leo = await SpokenClient.start(team.trackerInfo, join(team.folder, 'home-leo'));
  mkdirSync(join(team.folder, 'leo'));
  for (const line of ['create_user leo secret', 'login leo secret', 'join_group team']) await leo.say(line);
  await team.members[0]!.do('accept_request', 'team', 'leo');
});
afterEach(async () => {
  for (const member of crooked.splice(0)) await member.stop();
});
afterAll(async () => {
  await leo?.stop();
  await team?.stop();
});

interface Swarm {
  readonly file: string;
  readonly mib: number;
  readonly sha1: string;
  readonly honest: readonly ClientProcess[];
}

/** A new file that the first `honest` members share, and some more of their own making, who seem to. */
async function swarmOf(file: string, mib: number, honest: number, manners: readonly Manners[]): Promise<Swarm> {
  const pathAt = (place: number) => join(team.folder, `files-${place}`, file);
  writeRandomFile(pathAt(0), mib);
  const members = team.members.slice(0, honest);
  let sha1 = '';
  for (const [place, member] of members.entries()) {
    if (place > 0) linkSync(pathAt(0), pathAt(place));
    ({ sha1 } = await member.do('upload_file', pathAt(place), 'team'));
  }
  for (const one of manners) {
    crooked.push(await CrookedMember.start(team, `crook${crookedEver++}`, one, pathAt(0), file));
  }
  return { file, mib, sha1, honest: members };
}

/** What the client sent of the file. The figures are of its last look at them: two later looks, and nothing is missing. */
async function sentBytes(client: ClientProcess, file: string): Promise<number> {
  for (let look = 0; look < 2; look++) {
    const { up_rate } = await client.do('status');
    while (up_rate > 0 && (await client.do('status')).up_rate === up_rate);
  }
  const { shares } = await client.do('shares');
  return shares.find((share) => share.file === file)!.uploaded;
}

/**
 * Leo fetches the file whole, and every member that lies, and nobody else, is named to him and cut off for good. Resolves to what each honest
 * member sent, and to the part of the file that was sent twice.
 */
async function leoGets(swarm: Swarm): Promise<{ honestBytes: number[]; sentTwice: number }> {
  const { file } = swarm;
  const destination = join(team.folder, 'leo', file);
  const from = leo.said.err.length;
  const leosDevice = /[0-9a-f]{32}/.exec(await leo.say('whoami'))![0];
  await leo.say(`download_file team ${file} ${destination}`);
  expect(await leo.say('wait --timeout 60')).toMatch(/^\d downloads? complete\n$/);
  expect(await sha1Of(destination)).toBe(swarm.sha1);

  const named = [...leo.said.err.slice(from).matchAll(/^(\S+) \(device ([0-9a-f]{32})\) is cut off: it (.+)$/gm)];
  expect(named.map(([, user, device]) => `${user} ${device}`).sort()).toEqual(
    crooked.map(({ user, device }) => `${user} ${device}`),
  );
  for (const [, , , why] of named) expect(why).toMatch(/^sent wrong data of piece \d+$/);

  const honestBytes: number[] = [];
  for (const member of swarm.honest) honestBytes.push(await sentBytes(member, file));
  let sum = honestBytes.reduce((all, bytes) => all + bytes, 0);
  for (const member of crooked) {
    const { sentBytes: sent, wrongBlocks, acceptedFrom, openWith } = await member.figures();
    sum += sent;
    const ofLeo = acceptedFrom.filter((user) => user === 'leo');
    expect(wrongBlocks).toBeGreaterThan(0);
    expect(openWith).not.toContain('leo');
    // Nor is it taken in again: it hears who leo is, and nothing of what he has.
    expect((await member.dial(leo.port, leosDevice)).filter((type) => type !== 'extended')).toEqual([]);
    expect((await member.figures()).acceptedFrom.filter((user) => user === 'leo')).toEqual(ofLeo);
  }
  return { honestBytes, sentTwice: sum / (swarm.mib * MIB) - 1 };
}

test('of four seeders one sends wrong blocks in 10 % of its answers: cut off, and less than 2 % comes twice', async () => {
  const swarm = await swarmOf('four.bin', 256, 3, [{ kind: 'lies', share: 0.1, seed: 1 }]);
  const { honestBytes, sentTwice } = await leoGets(swarm);
  expect(sentTwice).toBeGreaterThan(0);
  expect(sentTwice).toBeLessThan(0.02);
  for (const bytes of honestBytes) expect(bytes).toBeGreaterThan(0.1 * 256 * MIB);
});

test('a liar is the only source beside an honest one', async () => {
  const swarm = await swarmOf('two.bin', 64, 1, [{ kind: 'lies', share: 0.1, seed: 2 }]);
  expect((await leoGets(swarm)).sentTwice).toBeLessThan(0.05);
});

test('two liars among four lie about the same pieces', async () => {
  const lies: Manners = { kind: 'lies_about', everyNthPiece: 8 };
  const swarm = await swarmOf('same.bin', 128, 2, [lies, lies]);
  expect((await leoGets(swarm)).sentTwice).toBeLessThan(0.04);
});

test('a liar sends right blocks first', async () => {
  const swarm = await swarmOf('later.bin', 128, 1, [{ kind: 'lies', share: 0.1, seed: 3, afterBlocks: 600 }]);
  expect((await leoGets(swarm)).sentTwice).toBeLessThan(0.02);
});

test('members that say nothing, answer nothing, choke for ever or refuse everything hold a download up for less than 10 s', async () => {
  const kinds = ['mute', 'silent', 'chokes', 'rejects'] as const;
  const { file, sha1 } = await swarmOf(
    'idle.bin',
    64,
    1,
    kinds.map((kind) => ({ kind })),
  );
  const destination = join(team.folder, 'files-2', file);
  const client = team.members[2]!;
  await client.do('download_file', 'team', file, destination);
  let done = 0;
  let movedAtMs = performance.now();
  let longestMs = 0;
  await downloadUntil(client, (download) => {
    if (download.done > done) {
      longestMs = Math.max(longestMs, performance.now() - movedAtMs);
      movedAtMs = performance.now();
      done = download.done;
    }
    return download.state === 'C';
  });
  expect(longestMs).toBeLessThan(10_000);
  expect(await sha1Of(destination)).toBe(sha1);
  const [mute, silent, chokes, rejects] = await Promise.all(crooked.map((member) => member.figures()));
  expect(mute!.accepted).toBeGreaterThan(0);
  expect(silent!.requests).toBeGreaterThan(0);
  expect(chokes!.accepted).toBeGreaterThan(0);
  expect(chokes!.requests).toBe(0);
  expect(rejects!.requests).toBeGreaterThan(0);
});
