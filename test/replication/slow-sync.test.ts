import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { CutPair } from '../support/cut-pair.ts';
import { debianProgram } from '../support/debian-program.ts';

/** A disk that takes its time, or takes nothing: strace makes the system call wait, or fail, in a running tracker. */
const strace = debianProgram('/usr/bin/strace', ['strace']);
const canTrace =
  strace !== null && spawnSync(strace, ['-f', '-e', 'inject=fdatasync:delay_enter=1', 'true']).status === 0;
const leftOut = canTrace ? '' : ' (left out: there is no strace, or it may not trace)';
const LATE_MS = 400;

describe.runIf(canTrace)(`a tracker whose disk${leftOut}`, () => {
  let pair: CutPair;
  let tracing: ChildProcess | undefined;
  const agents = [trackerAgent(), trackerAgent()];
  let alice: TestDevice;
  beforeAll(async () => {
    pair = await CutPair.start();
    alice = new TestDevice(httpSend(pair.ports[0]!, agents[0]!));
    await alice.createUser('alice');
    await alice.login('alice');
  });
  afterAll(async () => {
    for (const agent of agents) agent.destroy();
    await pair?.stop();
  });

  const traceSyncs = async (fault: string): Promise<void> => {
    tracing = spawn(
      strace!,
      ['-f', '-e', 'trace=fdatasync', '-e', `inject=fdatasync:${fault}`, '-p', `${pair.trackers[0]!.process.pid}`],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await once(tracing.stderr!, 'data'); // it says that it is attached
  };
  afterEach(async () => {
    if (!tracing || tracing.exitCode !== null || tracing.signalCode !== null) return; // it ends with whom it traces
    const exited = once(tracing, 'exit');
    tracing.kill('SIGINT');
    await exited;
  });

  test('is late: nothing is acknowledged before it has taken it, and nobody is shown it', async () => {
    await traceSyncs(`delay_enter=${LATE_MS * 1_000}`);
    const begun = performance.now();
    await alice.createGroup('late');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(LATE_MS);
    const begunLater = performance.now();
    const creating = alice.createGroup('later');
    const isShown = async () => (await alice.call('listGroups', {})).groups.some(({ name }) => name === 'later');
    await until(isShown);
    expect(performance.now() - begunLater).toBeGreaterThanOrEqual(LATE_MS);
    await creating;
  });

  test('fails: nothing is acknowledged, and the tracker ends; what it acknowledged before is there when it starts again', async () => {
    await traceSyncs('error=EIO');
    const exited = once(pair.trackers[0]!.process, 'exit');
    await expect(alice.createGroup('lost')).rejects.toThrow();
    await exited;
    await pair.startTracker(1);
    await until(() =>
      alice.loginByKey().then(
        () => true,
        () => false,
      ),
    );
    const groups = (await alice.call('listGroups', {})).groups.map(({ name }) => name);
    expect(groups).toEqual(expect.arrayContaining(['late', 'later']));
  });
});
