import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ClientProcess } from '../../scripts/drive/client-process.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';
import { CrookedMember } from './crooked-member.ts';
import type { Manners } from './manners.ts';
import { SpokenClient } from './spoken-client.ts';

const MIB = 1024 * 1024;

let team: Team | undefined;
let leecher: SpokenClient | undefined;
const crooked: CrookedMember[] = [];
afterEach(async () => {
  await leecher?.stop();
  for (const member of crooked.splice(0)) await member.stop();
  await team?.stop();
  leecher = team = undefined;
});

/** As many members share the same file honestly, one more after another way; `leo` is a member and has nothing yet. */
async function swarmOf(
  mib: number,
  honest: number,
  manners: readonly Manners[],
): Promise<{ team: Team; sha1: string }> {
  team = await startTeam(honest);
  const { members, folder, trackerInfo } = team;
  const source = join(folder, 'files-0', 'big.bin');
  writeRandomFile(source, mib);
  const { sha1 } = await members[0]!.do('upload_file', source, 'team');
  for (let place = 1; place < honest; place++) {
    linkSync(source, join(folder, `files-${place}`, 'big.bin'));
    await members[place]!.do('upload_file', join(folder, `files-${place}`, 'big.bin'), 'team');
  }
  for (const [number, one] of manners.entries()) {
    crooked.push(await CrookedMember.start(team, `crook${number}`, one, source, 'big.bin'));
  }
  mkdirSync(join(folder, 'leo'));
  leecher = await SpokenClient.start(trackerInfo, join(folder, 'home-leo'));
  await leecher.say('create_user leo secret');
  await leecher.say('login leo secret');
  await leecher.say('join_group team');
  await members[0]!.do('accept_request', 'team', 'leo');
  return { team, sha1 };
}

/** What all members together sent; known exactly once nothing is being sent any more. */
async function sentBytes(members: readonly ClientProcess[]): Promise<number[]> {
  const sent: number[] = [];
  for (const member of members) {
    while ((await member.do('status')).up_rate > 0);
    const { shares } = await member.do('shares');
    sent.push(shares.reduce((sum, { uploaded }) => sum + uploaded, 0));
  }
  return sent;
}

interface Outcome {
  readonly honestBytes: readonly number[];
  readonly fetchedTwice: number;
}

/** The leecher fetches the file whole, and every member that lies, and nobody else, is cut off and named. */
async function downloadsInSpiteOf({ team, sha1 }: { team: Team; sha1: string }, mib: number): Promise<Outcome> {
  const destination = join(team.folder, 'leo', 'big.bin');
  await leecher!.say(`download_file team big.bin ${destination}`);
  expect(await leecher!.say('wait --timeout 60')).toBe('1 download complete\n');
  expect(await sha1Of(destination)).toBe(sha1);

  const named = [...leecher!.said.err.matchAll(/^(\S+) \(device ([0-9a-f]{32})\) is cut off: it (.+)$/gm)];
  expect(named.map(([, user, device]) => [user, device]).sort()).toEqual(
    crooked.map(({ user, device }) => [user, device]),
  );
  for (const [, , , why] of named) expect(why).toMatch(/^sent wrong data of piece \d+$/);

  const honestBytes = await sentBytes(team.members);
  let sum = honestBytes.reduce((all, bytes) => all + bytes, 0);
  for (const member of crooked) {
    const before = await member.figures();
    expect(before.wrongBlocks).toBeGreaterThan(0);
    expect(before.open).toBe(0);
    // Not taken in again either: it is told nothing of what the leecher has.
    const got = await member.dial(leecher!.port);
    expect(got.filter((type) => type !== 'extended')).toEqual([]);
    expect((await member.figures()).accepted).toBe(before.accepted);
    sum += before.sentBytes;
  }
  return { honestBytes, fetchedTwice: sum / (mib * MIB) - 1 };
}

test('one of four seeders sends wrong blocks in 10 % of its answers: named, cut off, and less than 2 % comes twice', async () => {
  const swarm = await swarmOf(256, 3, [{ kind: 'lies', share: 0.1, seed: 1 }]);
  const { honestBytes, fetchedTwice } = await downloadsInSpiteOf(swarm, 256);
  expect(fetchedTwice).toBeGreaterThan(0);
  expect(fetchedTwice).toBeLessThan(0.02);
  for (const bytes of honestBytes) expect(bytes).toBeGreaterThan(0.1 * 256 * MIB);
});
