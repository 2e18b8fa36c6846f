import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { CutPair } from '../support/cut-pair.ts';

/**
 * A disk that takes no more writes under a running tracker. A disk can't be made read-only while a file on it is open for writing (the kernel refuses), so the files themselves are: whoever has
 * one open can't write it any more. Not every file system knows that, and only root may do it.
 */
const setImmutable = (isImmutable: boolean, files: readonly string[]): boolean =>
  spawnSync('chattr', [isImmutable ? '+i' : '-i', ...files]).status === 0;

function canFreezeFiles(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-frozen-'));
  const probe = join(folder, 'probe');
  writeFileSync(probe, '');
  try {
    if (!setImmutable(true, [probe])) return false;
    try {
      writeFileSync(probe, 'a');
      return false;
    } catch {
      return true;
    } finally {
      setImmutable(false, [probe]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.runIf(canFreezeFiles())('a tracker whose disk takes no more writes', () => {
  let pair: CutPair;
  const agents = [trackerAgent(), trackerAgent()];
  let [here, there]: TestDevice[] = [];
  beforeAll(async () => {
    pair = await CutPair.start();
    here = new TestDevice(httpSend(pair.ports[0]!, agents[0]!));
    await here.createUser('alice');
    await here.login('alice');
    there = here.over(httpSend(pair.ports[1]!, agents[1]!));
    await until(() => logsIn(there!));
  });
  afterAll(async () => {
    freeze(false);
    for (const agent of agents) agent.destroy();
    await pair?.stop();
  });

  const freeze = (isFrozen: boolean) =>
    setImmutable(
      isFrozen,
      ['tracker.db', 'tracker.db-wal'].map((name) => join(pair.dataOf(1), name)),
    );
  const logsIn = (device: TestDevice) =>
    device.loginByKey().then(
      () => true,
      () => false,
    );
  const namesAt = async (device: TestDevice) =>
    (await device.call('listGroups', {})).groups.map(({ name }) => name).toSorted();
  const outcomeOf = (writing: Promise<unknown>) =>
    writing.then(
      () => 'ok',
      ({ code }: { code: string }) => code,
    );

  test('refuses writes in words and acknowledges none, answers what is asked, and goes on when it can', async () => {
    await here!.createGroup('before');
    expect(freeze(true)).toBe(true);
    const refused = ['refused-1', 'refused-2', 'refused-3'];
    for (const name of refused) expect(await outcomeOf(here!.createGroup(name))).toBe('path_not_writable');
    expect(await namesAt(here!)).toEqual(['before']);
    expect(await outcomeOf(here!.call('health', {}))).not.toBe('ok');
    await there!.createGroup('elsewhere'); // the other tracker goes on alone

    expect(freeze(false)).toBe(true);
    await until(async () => (await outcomeOf(here!.call('health', {}))) === 'ok');
    await here!.createGroup('after');
    const all = ['after', 'before', 'elsewhere'];
    for (const device of [here!, there!]) await until(async () => (await namesAt(device)).join() === all.join());
    await pair.trackers[0]!.stop('SIGKILL');
    await pair.startTracker(1);
    await until(() => logsIn(here!));
    expect(await namesAt(here!)).toEqual(all);
  }, 60_000);
});
