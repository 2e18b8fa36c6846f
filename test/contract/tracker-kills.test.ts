import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let tracker: TrackerProcess;
let guest: ClientProcess;
const path = (name: string) => join(team.folder, name);

beforeAll(async () => {
  team = await startTeam(3);
  tracker = team.tracker;
  guest = await ClientProcess.start(team.trackerInfo, path('home-guest'));
});
afterAll(async () => {
  await guest?.stop();
  await tracker?.stop();
  await team?.stop();
});

const by = (place: number) => team.members[place]!;
const has = (...items: readonly object[]) => expect.arrayContaining(items.map((item) => expect.objectContaining(item)));
const filesOf = async () => (await by(0).do('list_files', 'team')).files.map(({ name }) => name);

test('kill -9 of the tracker right after the answer to every command that changes something: nothing is missing, and clients go on', async () => {
  writeFileSync(path('kept.txt'), 'kept');
  /** `holds` says what has to be so after the restart; its first command meets the tracker that has just come back. */
  async function killedAfter(client: ClientProcess, line: string, holds: () => Promise<unknown>): Promise<void> {
    const answer = await client.sendLine(line.replaceAll('{dir}', team.folder));
    await tracker.stop('SIGKILL');
    expect(answer, line).toMatchObject({ ok: true });
    tracker = await TrackerProcess.start(team.trackerInfo, 1, path('tracker'));
    await holds();
  }

  await killedAfter(guest, 'create_user guest secret', () => guest.do('login', 'guest', 'secret'));
  await killedAfter(guest, 'login guest secret', async () => {
    expect(await guest.do('list_groups')).toEqual({ groups: has({ id: 'team', standing: 'none' }) });
  });
  await killedAfter(by(0), 'create_group crew', async () => {
    expect(await guest.do('list_groups')).toEqual({ groups: has({ id: 'crew', owner: 'user0' }) });
  });
  await killedAfter(guest, 'join_group team', async () => {
    expect(await by(0).do('list_requests', 'team')).toMatchObject({ requests: [{ user: 'guest' }] });
  });
  await killedAfter(by(0), 'accept_request team guest', async () => {
    expect(await guest.do('list_files', 'team')).toEqual({ files: [] });
  });
  await killedAfter(guest, 'upload_file {dir}/kept.txt team', async () => {
    await by(1).do('download_file', 'team', 'kept.txt', path('kept-1.txt'));
    expect(await by(1).do('wait', '--timeout', '20')).toMatchObject({ completed: 1 });
    expect(readFileSync(path('kept-1.txt'), 'utf8')).toBe('kept');
  });
  await killedAfter(by(2), 'download_file team kept.txt {dir}/kept-2.txt', async () => {
    expect(await by(2).do('wait', '--timeout', '20')).toMatchObject({ completed: 1 });
  });
  for (const client of [by(2), by(1), guest]) {
    expect(await filesOf()).toEqual(['kept.txt']);
    await killedAfter(client, 'stop_share team kept.txt', filesOf);
  }
  expect(await filesOf()).toEqual([]);
  await killedAfter(guest, 'upload_file {dir}/kept.txt team', async () =>
    expect(await filesOf()).toEqual(['kept.txt']),
  );
  await killedAfter(by(0), 'remove_file team kept.txt', async () => {
    expect(await guest.send('download_file', 'team', 'kept.txt', path('kept-3.txt'))).toMatchObject({
      error: { code: 'no_such_file' },
    });
  });
  await by(1).do('join_group', 'crew');
  await killedAfter(by(0), 'reject_request crew user1', async () => {
    expect(await by(1).send('join_group', 'crew')).toMatchObject({ error: { code: 'throttled' } });
  });
  await killedAfter(by(0), 'remove_member team guest', async () => {
    expect(await guest.send('list_files', 'team')).toMatchObject({ error: { code: 'not_member' } });
  });
  await killedAfter(by(0), 'leave_group team', async () => {
    expect(await by(1).do('list_requests', 'team')).toEqual({ requests: [] });
  });
  await killedAfter(guest, 'passwd secret next', async () => {
    expect(await guest.send('passwd', 'secret', 'other')).toMatchObject({ error: { code: 'bad_credentials' } });
    await guest.do('passwd', 'next', 'secret');
  });
  const second = await ClientProcess.start(team.trackerInfo, path('home-second'));
  try {
    await second.do('login', 'guest', 'secret');
    const { device } = await second.do('whoami');
    await killedAfter(guest, `revoke_device ${device}`, async () => {
      expect(await second.send('list_groups')).toMatchObject({ error: { code: 'not_logged_in' } });
    });
  } finally {
    await second.stop();
  }
  await killedAfter(guest, 'logout', async () => {
    expect(await guest.send('list_groups')).toMatchObject({ error: { code: 'not_logged_in' } });
  });
});
