import { writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { CutPair } from '../support/cut-pair.ts';

const HOUR_MS = 3_600_000;
const AHEAD_FOR_MS = 10_000;

let pair: CutPair;
let agents: Agent[];
beforeEach(async () => {
  agents = [trackerAgent(), trackerAgent()];
  pair = await CutPair.start();
});
afterEach(async () => {
  for (const agent of agents) agent.destroy();
  await pair?.stop();
});

test("a tracker's clock that is an hour ahead for 10 s: what it acknowledged is taken by the other one, and what it could not stamp was refused", async () => {
  const clock = join(pair.folder, 'clock');
  const setClock = (aheadMs: number) => writeFileSync(clock, String(aheadMs));
  setClock(0);
  await pair.trackers[0]!.stop();
  const preload = new URL('../support/clock-offset.ts', import.meta.url).pathname;
  await pair.startTracker(1, { NODE_OPTIONS: `--import ${preload}`, PEERAGE_CLOCK_FILE: clock });
  const [here, there] = pair.ports.map((port, index) => httpSend(port, agents[index]!));
  const alice = new TestDevice(here!);
  await alice.createUser('alice');
  await alice.login('alice');
  const atOther = alice.over(there!);
  atOther.token = undefined;
  await until(() =>
    atOther.loginByKey().then(
      () => true,
      () => false,
    ),
  );

  const acknowledged: string[] = [];
  const refusals: string[] = [];
  let count = 0;
  const create = async () => {
    const name = `group${++count}`;
    await alice.createGroup(name).then(
      () => acknowledged.push(name),
      (error: { code: string }) => refusals.push(error.code),
    );
  };
  await create();
  pair.cut(); // nobody can agree to the jump, or deny it
  setClock(HOUR_MS);
  const aheadUntil = performance.now() + AHEAD_FOR_MS;
  while (performance.now() < aheadUntil) {
    await create();
    await new Promise((resolve) => setTimeout(resolve, 100)); // so that it is asked all the time, and no more often
  }
  expect(new Set(refusals)).toEqual(new Set(['clock_skew']));
  setClock(0);
  pair.heal();
  await until(async () => {
    await create();
    return acknowledged.at(-1) === `group${count}`;
  });
  const names = async () => new Set((await atOther.call('listGroups', {})).groups.map(({ name }) => name));
  await until(async () => acknowledged.length <= (await names()).size);
  expect(await names()).toEqual(new Set(acknowledged));
});
