import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { testFolder, testMetainfo } from '../../packages/tracker/src/testing/metainfo.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { newCommandId, TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { SmallDisk } from '../durability/small-disk.ts';
import { CutPair } from '../support/cut-pair.ts';
import { runProgram } from '../support/run-program.ts';

const DISK_MIB = 24;
const LEFT_MIB = 0.6;
const disk = new SmallDisk(DISK_MIB, undefined);

/** Where nobody may mount a disk (who is not root, or a container without that right) there is none to fill. */
describe.skipIf(!disk.isMounted)("a tracker's disk", () => {
  let pair: CutPair;
  const agents = [trackerAgent(), trackerAgent()];
  const alice = () => devices[0]!;
  const devices: TestDevice[] = [];
  let group: string;
  beforeAll(async () => {
    pair = await CutPair.start();
    await pair.trackers[0]!.stop();
    mkdirSync(join(disk.folder, 'data'), { mode: 0o700 });
    await pair.startTracker(1, {}, join(disk.folder, 'data'));
    for (const name of ['alice', 'bob', 'carol']) {
      const device = new TestDevice(httpSend(pair.ports[0]!, agents[0]!));
      await device.createUser(name);
      await device.login(name);
      devices.push(device);
    }
    group = await alice().createGroup('team');
    for (const [device, name] of [
      [devices[1]!, 'bob'],
      [devices[2]!, 'carol'],
    ] as const) {
      await device.join(group);
      await alice().decide(group, name, 'accept');
    }
  });
  afterAll(async () => {
    for (const agent of agents) agent.destroy();
    await pair?.stop();
    disk.end();
  });

  const members = async (at: TestDevice) =>
    (await at.call('listMembers', { params: { group } })).members.map(({ user }) => user);
  const remove = (user: string) =>
    alice().call('removeMember', { params: { group }, body: { commandId: newCommandId(), user } });
  const restart = async () => {
    await pair.trackers[0]!.stop('SIGKILL');
    await pair.startTracker(1, {}, join(disk.folder, 'data'));
    await until(() =>
      alice()
        .loginByKey()
        .then(
          () => true,
          () => false,
        ),
    );
  };

  test('that is nearly full: what grows is refused, a removal is acknowledged, and kept over a kill', async () => {
    await alice().share(group, testFolder(group, 'large', 40_000)); // what is kept free is a part of what is used
    disk.fill(LEFT_MIB);
    const createTeam = () =>
      alice()
        .createGroup('team')
        .catch(({ code }: { code: string }) => code);
    await until(async () => (await createTeam()) === 'no_space'); // before: group_exists; neither writes anything
    await expect(alice().share(group, testMetainfo(group, 'film'))).rejects.toMatchObject({ code: 'no_space' });
    await remove('bob');
    await restart();
    expect(await members(alice())).toEqual(['alice', 'carol']);
  });

  test('that is full to the last byte: a removal that can not be kept is not acknowledged, and works again with room', async () => {
    disk.makeSpace();
    await restart(); // its log is empty, so that nothing fits into what is there
    disk.fill(0);
    await expect(remove('carol')).rejects.toMatchObject({ code: 'no_space' });
    disk.makeSpace();
    await restart();
    expect(await members(alice())).toEqual(['alice', 'carol']);
    await remove('carol');
    await restart();
    expect(await members(alice())).toEqual(['alice']);
  });

  test('that can only be read: the tracker says so and does not start', async () => {
    await pair.trackers[0]!.stop();
    disk.become('ro');
    const { code, err } = await runProgram([
      'tracker',
      pair.trackerInfo('1'),
      '1',
      '--data',
      join(disk.folder, 'data'),
    ]);
    disk.become('rw');
    expect(code).not.toBe(0);
    expect(err).toMatch(/^error: the data folder .+ \(path_not_writable\)$/m);
  });
});
