import { CLOCK_HEADER, formatRunTime, parseRunTime, type RunTime, UNTIL_HEADER } from '@peerage/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInProcess } from '../testing/in-process.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

const tracker = startInProcess();
const [alice, bob] = [new TestDevice(tracker.sendFrom('127.0.0.1')), new TestDevice(tracker.sendFrom('127.0.0.1'))];
let group = '';
beforeAll(async () => {
  await alice.createUser('alice');
  await alice.login('alice');
  await bob.createUser('bob');
  await bob.login('bob');
  group = await alice.createGroup('team');
});
afterAll(() => tracker.close());

/** Asks to join the group, in a request with these headers. */
const join = async (headers: Readonly<Record<string, string>>) => {
  const answer = await tracker.server.inject({
    method: 'POST',
    url: `/v1/groups/${group}/requests`,
    headers: { authorization: `Bearer ${bob.token}`, ...headers },
    payload: { commandId: newCommandId() },
  });
  const { code } = answer.json<{ code?: string }>();
  return { status: answer.statusCode, code, clock: parseRunTime(String(answer.headers[CLOCK_HEADER])) };
};
const asked = async () =>
  (await alice.call('listRequests', { params: { group } })).requests.map((request) => request.user);
const until = (time: RunTime) => ({ [UNTIL_HEADER]: formatRunTime(time) });

it('what comes later than it may, or names a time of another run, is refused, and nothing is done', async () => {
  const { run } = (await join({ [UNTIL_HEADER]: 'soon' })).clock!;
  const otherRun = [...run].map((digit) => (digit === '0' ? '1' : '0')).join('');
  for (const time of [
    { run, ms: 0 },
    { run: otherRun, ms: 999_999_999 },
  ]) {
    expect(await join(until(time))).toMatchObject({ status: 504, code: 'timeout', clock: { run } });
  }
  expect(await asked()).toEqual([]);
});

it('what is no such time is refused', async () => {
  for (const text of ['soon', '01234567', '01234567.-1', `01234567.${'9'.repeat(400)}`]) {
    expect(await join({ [UNTIL_HEADER]: text })).toMatchObject({ status: 400, code: 'protocol' });
  }
  expect(await asked()).toEqual([]);
});

it('every answer tells the time, refusals too; what comes in time is done', async () => {
  const { run, ms } = (await join({ [UNTIL_HEADER]: 'soon' })).clock!;
  const { status, clock } = await join(until({ run, ms: ms + 60_000 }));
  expect(status).toBe(200);
  expect(clock?.run).toBe(run);
  expect(clock!.ms).toBeGreaterThanOrEqual(ms);
  expect(await asked()).toEqual(['bob']);
});
