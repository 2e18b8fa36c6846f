import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { sha1Of, startTeam, type Team, writeRandomFile } from '../support/team.ts';

const MIB = 1024 * 1024;
/** The shortest that is of use: dates of certificates are whole seconds, so it is 2 to 3 s. */
const LIFE_MS = 3000;
const SIZE_MIB = 40;
/** So that the download lasts for more than three lifetimes. */
const RATE = (SIZE_MIB * MIB) / (3.5 * (LIFE_MS / 1000));

let team: Team | undefined;
let link: TcpProxy | undefined;
afterEach(async () => {
  await team?.stop();
  await link?.close();
});

test('a long download goes on across three lifetimes of certificates without a stall over 1 s', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  link = await TcpProxy.start(Number(listen.split(':')[1]), { bytesPerSecond: RATE });
  const advertise = link.address;
  team = await startTeam(2, {
    trackerEnv: { PEERAGE_CERTIFICATE_MS: String(LIFE_MS) },
    way: async (place) => (place === 0 ? { listen, advertise } : {}),
  });
  const [seeder, leecher] = team.members;
  const source = join(team.folder, 'long.bin');
  writeRandomFile(source, SIZE_MIB);
  const shared = await seeder!.do('upload_file', source, 'team');
  const startedAt = performance.now();
  await leecher!.do('download_file', 'team', 'long.bin', join(team.folder, 'files-1'));
  let [done, movedAt, longestStallMs] = [0, performance.now(), 0];
  for (;;) {
    const [download] = (await leecher!.do('show_downloads')).downloads;
    if (download!.state === 'C') break;
    const now = performance.now();
    if (download!.done > done) {
      if (done > 0) longestStallMs = Math.max(longestStallMs, now - movedAt);
      [done, movedAt] = [download!.done, now];
    }
  }
  expect(performance.now() - startedAt).toBeGreaterThan(3 * LIFE_MS);
  expect(longestStallMs).toBeLessThan(1000);
  expect(link.connections).toBeGreaterThan(3);
  expect(await sha1Of(join(team.folder, 'files-1', 'long.bin'))).toBe(shared.sha1);
});
