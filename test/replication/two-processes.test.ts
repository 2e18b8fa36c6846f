import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';
import { testMetainfo } from '../../packages/tracker/src/testing/metainfo.ts';
import { until } from '../../packages/tracker/src/testing/pair.ts';
import { TestDevice } from '../../packages/tracker/src/testing/test-device.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';

/** Two trackers of one file, as a person starts them in two terminals; killed, frozen, and asked what became of every acknowledged write. */

const folder = mkdtempSync(join(tmpdir(), 'peerage-two-'));
const trackerInfo = join(folder, 'tracker_info.txt');
const running: (TrackerProcess | undefined)[] = [];
const agents: Agent[] = [];
let ports: number[];

const start = async (number: number): Promise<void> => {
  running[number] = await TrackerProcess.start(trackerInfo, number, join(folder, String(number)));
};
const kill = async (number: number): Promise<void> => {
  await running[number]?.stop('SIGKILL');
  running[number] = undefined;
};
const sendTo = (number: number) => {
  const agent = trackerAgent();
  agents.push(agent);
  return httpSend(ports[number - 1]!, agent);
};

let alice: TestDevice;
let group: string;
/** Alice's device at each tracker. */
const at: TestDevice[] = [];

beforeAll(async () => {
  ports = [await freePort(), await freePort()];
  writeFileSync(trackerInfo, ports.map((port) => `127.0.0.1:${port}\n`).join(''));
  await Promise.all([start(1), start(2)]);
  alice = new TestDevice(sendTo(1));
  await alice.createUser('alice');
  await alice.login('alice');
  group = await alice.createGroup('team');
  at[1] = alice;
  at[2] = alice.over(sendTo(2));
  await until(() => logIn(2));
}, 60_000);

afterAll(async () => {
  for (const agent of agents) agent.destroy();
  for (const tracker of running) await tracker?.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function logIn(number: number): Promise<boolean> {
  at[number]!.token = undefined;
  return at[number]!.loginByKey().then(
    () => true,
    () => false,
  );
}

const listed = async (number: number): Promise<Set<string>> =>
  new Set((await at[number]!.call('listFiles', { params: { group } })).files.map(({ name }) => name));

describe('two trackers of one file', () => {
  it('lose nothing that was acknowledged, however they are killed', async () => {
    const journal: string[] = [];
    let count = 0;
    let isOver = false;
    /** Shares one file after the other at one tracker; what is not acknowledged may be lost. */
    const work = async (number: number) => {
      while (!isOver) {
        const name = `file-${number}-${++count}`;
        const done = await at[number]!.share(group, testMetainfo(group, name)).then(
          () => journal.push(name),
          () => 0,
        );
        if (!done) await until(async () => isOver || (await logIn(number)));
      }
    };
    const working = [work(1), work(2)];
    for (const number of [2, 1, 2]) {
      const before = journal.length;
      await until(async () => journal.length >= before + 10);
      await kill(number);
      await until(async () => journal.length >= before + 20);
      await start(number);
    }
    await until(async () => journal.length >= 80);
    isOver = true;
    await Promise.all(working);
    for (const number of [1, 2]) {
      await until(async () => {
        if (!(await logIn(number))) return false;
        const names = await listed(number);
        return journal.every((name) => names.has(name));
      });
    }
    expect([...(await listed(1))].toSorted()).toEqual([...(await listed(2))].toSorted());
  }, 120_000);

  it('answer while the other is frozen, and are in step again when it is not', async () => {
    running[2]!.process.kill('SIGSTOP');
    const names: string[] = [];
    const tookMs: number[] = [];
    for (let count = 0; count < 40; count++) {
      const metainfo = testMetainfo(group, `frozen-${count}`);
      const beganMs = performance.now();
      await alice.share(group, metainfo);
      tookMs.push(performance.now() - beganMs);
      names.push(`frozen-${count}`);
    }
    const median = tookMs.toSorted((a, b) => a - b)[20]!;
    expect(median).toBeLessThan(300); // one of them waits for 300 ms, not each
    running[2]!.process.kill('SIGCONT');
    await until(async () => {
      const there = await listed(2);
      return names.every((name) => there.has(name));
    });
  }, 60_000);
});
