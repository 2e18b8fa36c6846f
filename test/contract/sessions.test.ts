import { once } from 'node:events';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { startPeerage, stopProcess } from '../../scripts/drive/peerage-process.ts';
import { runProgram } from '../support/run-program.ts';
import { SpokenClient } from '../support/spoken-client.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
const path = (name: string) => join(team.folder, name);
const started: { stop(): Promise<unknown> }[] = [];

beforeAll(async () => {
  team = await startTeam(3);
});
afterEach(async () => {
  for (const client of started.splice(0)) await client.stop();
});
afterAll(() => team?.stop());

async function spoken(home: string): Promise<SpokenClient> {
  const client = await SpokenClient.start(team.trackerInfo, path(home));
  started.push(client);
  return client;
}
async function client(home: string): Promise<ClientProcess> {
  const one = await ClientProcess.start(team.trackerInfo, path(home));
  started.push(one);
  return one;
}
function file(name: string): string {
  writeFileSync(path(name), `the content of ${name}`);
  return path(name);
}
/** Asks until the answer is as wanted; the test's own time limit ends it. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
  }
}
const seedersOf = async (name: string) => {
  const { files } = await team.members[0]!.do('list_files', 'team');
  return files.find((one) => one.name === name)?.seeders;
};

describe('a client that is started again', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s is logged in by its device key and shares again',
    async (signal) => {
      const name = `again-${signal}.txt`;
      const first = await client(`again-${signal}`);
      await first.do('login', 'user1', 'secret');
      await first.do('upload_file', file(name), 'team');
      const { device } = await first.do('whoami');
      await first.stop(signal);
      const second = await client(`again-${signal}`);
      expect(await second.do('whoami')).toEqual({ user: 'user1', device });
      expect(await second.do('shares')).toMatchObject({ shares: [{ file: name, state: 'offered' }] });
      await until(
        () => seedersOf(name),
        (seeders) => seeders === 1,
      );
      await second.do('logout');
      expect(await seedersOf(name)).toBe(0);
      await second.stop();
      const third = await client(`again-${signal}`);
      expect(await third.do('whoami')).toEqual({ user: null, device: null });
      expect(await third.do('login', 'user1', 'secret')).toMatchObject({ shares: 1, problems: [] });
      await third.do('stop_share', 'team', name);
    },
  );

  it('says what it can not share any more', async () => {
    const first = await spoken('moved');
    await first.say('login user1 secret');
    for (const name of ['moved.txt', 'forgotten.txt', 'there.txt']) {
      await first.say(`upload_file ${file(name)} team`);
    }
    await first.stop();
    renameSync(path('moved.txt'), path('moved-away.txt'));
    const library = new DatabaseSync(path('moved/library.db'));
    library.exec("DELETE FROM metainfo WHERE info_hash = (SELECT info_hash FROM shares WHERE name = 'forgotten.txt')");
    library.close();
    const second = await spoken('moved');
    const shares = await second.say('shares');
    for (const line of [/moved\.txt.*missing/, /forgotten\.txt.*unreadable/, /there\.txt.*offered/]) {
      expect(shares).toMatch(line);
    }
    expect(second.said.err).toMatch(/^not shared: \[team\] moved\.txt: .+moved\.txt.+upload/m);
    expect(second.said.err).toMatch(/^not shared: \[team\] forgotten\.txt: .+ upload it again$/m);
    await second.say(`upload_file ${path('forgotten.txt')} team`);
    expect(await second.say('shares')).toMatch(/forgotten\.txt.*offered/);
    for (const name of ['moved.txt', 'forgotten.txt', 'there.txt']) await second.say(`stop_share team ${name}`);
  });

  it('listens on the port it had, or on another one where that is taken', async () => {
    const listensOn = async () => {
      const { out } = await runProgram(['client', team.trackerInfo, '--home', path('port'), '--json'], 'status\n');
      return (JSON.parse(out) as { result: { listen: string } }).result.listen;
    };
    const first = await listensOn();
    expect(first).toMatch(/^0\.0\.0\.0:\d+$/);
    expect(await listensOn()).toBe(first);
    const taker = createServer().listen(Number(first.split(':')[1]), '0.0.0.0');
    await once(taker, 'listening');
    const second = await listensOn();
    taker.close();
    await once(taker, 'close');
    expect(second).not.toBe(first);
    expect(await listensOn()).toBe(second);
  });

  it('finds its folder free at once, however the one before ended', async () => {
    const env = { PEERAGE_HOME: path('killed') };
    const ready = { stream: 'stderr', pattern: /^client listening on / } as const;
    const args = ['client', '127.0.0.1:0', team.trackerInfo, '--stay'];
    for (let times = 0; times < 3; times++) {
      const { process: holder } = await startPeerage(args, ready, env);
      const second = await runProgram(args, '', env);
      expect(second).toMatchObject({ code: 10, out: '' });
      expect(second.err).toMatch(/^error: .+killed.+ \(home_in_use\)$/m);
      await stopProcess(holder, 'SIGKILL');
    }
    expect(await runProgram(['client', '127.0.0.1:0', team.trackerInfo], 'whoami\n', env)).toMatchObject({ code: 0 });
  });
});

describe('a changed password', () => {
  it("ends the user's other sessions at once, and says so", async () => {
    const [owner, first] = team.members;
    const second = await spoken('passwd-2');
    await second.say('login user1 secret');
    await second.say(`upload_file ${file('passwd.txt')} team`);
    const asleep = await spoken('passwd-3');
    await asleep.say('login user1 secret');
    await asleep.stop();
    await until(
      () => seedersOf('passwd.txt'),
      (seeders) => seeders === 1,
    );

    await first!.do('passwd', 'secret', 'next');
    expect(await seedersOf('passwd.txt')).toBe(0);
    expect(await first!.do('whoami')).toMatchObject({ user: 'user1' });
    await until(
      () => second.say('whoami'),
      () => /^you were logged out, the password was changed: login /m.test(second.said.err),
    );
    expect(await second.say('whoami')).toBe('nobody is logged in\n');
    expect(await second.say('shares')).toBe('');
    await second.say('login user1 secret');
    expect(second.said.err).toMatch(/^error: .+ \(bad_credentials\)$/m);
    await owner!.do('download_file', 'team', 'passwd.txt', path('passwd-copy.txt'));
    await until(
      () => owner!.do('show_downloads'),
      ({ downloads }) => downloads[0]!.state === 'W',
    );
    expect(await second.say('login user1 next')).toBe('logged in as user1, sharing 1 file\n');
    expect(await owner!.do('wait')).toEqual({ completed: 1, failed: 0 });

    // Who was away meanwhile hears of it when he comes.
    const awake = await spoken('passwd-3');
    expect(await awake.say('whoami')).toBe('nobody is logged in\n');
    expect(awake.said.err.match(/^you were logged out.*/gm)).toEqual([
      expect.stringMatching(/^you were logged out, the password was changed or .+: login /m),
    ]);
  });
});

describe('two devices of one user', () => {
  it('share each for itself, are both listed, and one puts the other out at once', async () => {
    const first = team.members[2]!;
    const second = await spoken('device-2');
    await second.say('login user2 secret');
    copyFileSync(file('both.txt'), path('home-2/both.txt'));
    await first.do('upload_file', path('both.txt'), 'team');
    expect(
      await until(
        () => seedersOf('both.txt'),
        (seeders) => seeders === 1,
      ),
    ).toBe(1);
    expect(await second.say('shares')).not.toMatch(/both\.txt/);
    await second.say(`upload_file ${path('home-2/both.txt')} team`);
    expect(
      await until(
        () => seedersOf('both.txt'),
        (seeders) => seeders === 2,
      ),
    ).toBe(2);

    const { devices } = await first.do('devices');
    expect(devices).toHaveLength(2);
    expect(devices.map(({ current }) => current).sort()).toEqual([false, true]);
    for (const device of devices) expect(device).toMatchObject({ state: 'active', online: true });
    await second.say('stop_share team both.txt');
    expect(
      await until(
        () => seedersOf('both.txt'),
        (seeders) => seeders === 1,
      ),
    ).toBe(1);
    expect(await first.do('list_files', 'team')).toMatchObject({
      files: expect.arrayContaining([expect.objectContaining({ name: 'both.txt', shared_by_you: true })]),
    });

    await second.say(`upload_file ${path('home-2/both.txt')} team`);
    await until(
      () => seedersOf('both.txt'),
      (seeders) => seeders === 2,
    );
    const other = devices.find(({ current }) => !current)!;
    await first.do('revoke_device', other.device.slice(0, 12));
    expect(await seedersOf('both.txt')).toBe(1);
    await until(
      () => second.say('whoami'),
      () => /^you were logged out, the device was revoked: /m.test(second.said.err),
    );
    expect(await second.say('whoami')).toBe('nobody is logged in\n');
    await second.say('login user2 secret');
    expect(second.said.err).toMatch(/^error: .*revoked.*--home.* \(bad_credentials\)$/m);
    expect((await first.do('devices')).devices.find(({ device }) => device === other.device)).toMatchObject({
      state: 'revoked',
      online: false,
    });
    expect(await first.do('whoami')).toMatchObject({ user: 'user2' });
  });
});

describe('an owner who leaves', () => {
  it('hands over to the longest-standing member, and the last one ends the group', async () => {
    const [one, two, three] = team.members as readonly [ClientProcess, ClientProcess, ClientProcess];
    await one.do('create_group', 'line');
    for (const [member, user] of [
      [three, 'user2'],
      [two, 'user1'],
    ] as const) {
      await member.do('join_group', 'line');
      await one.do('accept_request', 'line', user);
    }
    expect(await one.do('leave_group', 'line')).toMatchObject({ new_owner: 'user2', ended: false });
    await one.do('join_group', 'line');
    expect(await three.do('list_requests', 'line')).toMatchObject({ requests: [{ user: 'user0' }] });
    expect(await two.send('accept_request', 'line', 'user0')).toMatchObject({ error: { code: 'not_owner' } });
    await three.do('accept_request', 'line', 'user0');
    // Who left and came again stands shortest.
    expect(await three.do('leave_group', 'line')).toMatchObject({ new_owner: 'user1', ended: false });
    expect(await two.do('leave_group', 'line')).toMatchObject({ new_owner: 'user0', ended: false });
    expect((await one.do('leave_group', 'line')).ended).toBe(true);
    expect((await one.do('list_groups')).groups.map(({ id }) => id)).not.toContain('line');
  });
});
