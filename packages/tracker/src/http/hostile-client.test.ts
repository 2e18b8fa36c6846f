import { randomBytes } from 'node:crypto';
import { type ErrorCode, type Route, trackerRoutes } from '@peerage/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { startInProcess } from '../testing/in-process.ts';
import { testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

/** Every route, asked by who may not: nothing changes, whatever is sent. Beside it the owner, whom every command obeys. */

const tracker = startInProcess();
const device = () => new TestDevice(tracker.sendFrom('127.0.0.1'));
const [alice, mallory, ended] = [device(), device(), device()];
const dump = () => canonicalDump(tracker.store);
const routes = Object.entries(trackerRoutes as Readonly<Record<string, Route>>);
let group = '';
let infoHash = '';

beforeAll(async () => {
  for (const [someone, name] of [
    [alice, 'alice'],
    [mallory, 'mallory'],
    [ended, 'eve'],
  ] as const) {
    await someone.createUser(name);
    await someone.login(name);
  }
  group = await alice.createGroup('team');
  infoHash = await alice.share(group, testMetainfo(group, 'a.bin'));
  await alice.call('certificates', { body: { groups: [group] } });
  const { token } = ended;
  await ended.call('logout', { body: { commandId: newCommandId() } });
  ended.token = token;
});
afterAll(() => tracker.close());

/** A good request of a route, as its owner would make it. */
function requestFor(name: string, route: Route, who: TestDevice) {
  const params: Record<string, string> = { group, infoHash, device: alice.deviceId, name: 'team' };
  const bodies: Record<string, object> = {
    changePassword: { current: 'secret', next: 'other' },
    renameUser: { name: 'other' },
    renameGroup: { name: 'other' },
    createGroup: { create: alice.creation('group', 'stolen') },
    decideRequest: { user: 'mallory', decision: 'accept' },
    removeMember: { user: 'mallory' },
    removeFile: { name: 'a.bin' },
    share: { infoHash },
    certificates: { groups: [group] },
    heartbeat: { presenceSession: 1, version: 1, addresses: [], downloading: [], withheld: [] },
  };
  const withoutId = name === 'certificates' || name === 'heartbeat';
  const body = { ...(withoutId ? {} : { commandId: newCommandId() }), ...bodies[name] };
  const query = route.query ? '?name=a.bin' : '';
  return {
    method: route.method,
    url: route.path.replace(/:([a-zA-Z]+)/g, (_, key: string) => params[key] ?? 'x') + query,
    headers: {
      ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
      ...(route.body === 'bytes' && { 'content-type': 'application/octet-stream' }),
    },
    ...(route.body === 'bytes' ? { payload: randomBytes(100) } : route.body ? { payload: body } : {}),
  };
}

const codeOf = (answer: { json(): unknown }) => (answer.json() as { code?: ErrorCode }).code;

describe('every route that needs a session', () => {
  const guarded = routes.filter(([, route]) => route.session);

  it.each(guarded)('%s refuses who has none, an ended one, or a made-up one', async (name, route) => {
    const before = await dump();
    const made = device();
    made.token = randomBytes(32).toString('base64url');
    for (const who of [device(), ended, made]) {
      const answer = await tracker.server.inject(requestFor(name, route, who));
      expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'not_logged_in']);
    }
    expect(await dump()).toBe(before);
  });
});

describe("another user's group, device and group ids", () => {
  const ofGroup = routes.filter(([name, route]) => route.path.includes(':group') && name !== 'joinGroup');

  it.each([...ofGroup, ['revokeDevice', trackerRoutes.revokeDevice], ['createGroup', trackerRoutes.createGroup]] as [
    string,
    Route,
  ][])('%s refuses a stranger, and changes nothing', async (name, route) => {
    const before = await dump();
    const answer = await tracker.server.inject(requestFor(name, route, mallory));
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(['not_member', 'not_owner', 'no_such_device', 'protocol']).toContain(codeOf(answer));
    expect(await dump()).toBe(before);
  });

  it.each(['listMembers', 'listFiles', 'peers', 'findFile', 'certificates'])('%s obeys its owner', async (name) => {
    const [, route] = routes.find(([known]) => known === name)!;
    expect((await tracker.server.inject(requestFor(name, route, alice))).statusCode).toBe(200);
  });
});

it('10,000 malformed bodies change nothing and break nothing', async () => {
  const before = await dump();
  const withBody = routes.filter(([, route]) => typeof route.body === 'object');
  const nearly = fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant('{"commandId":'), fc.constant('[]'));
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...withBody), nearly, async ([name, route], payload) => {
      const request = requestFor(name, route, mallory);
      const headers = { ...request.headers, 'content-type': 'application/json' };
      const answer = await tracker.server.inject({ ...request, headers, payload });
      sent++;
      expect([name, answer.statusCode]).toEqual([name, 400]);
    }),
    { numRuns: 10_000 },
  );
  expect(sent).toBe(10_000);
  expect(await dump()).toBe(before);
  expect((await tracker.server.inject(requestFor('me', trackerRoutes.me, mallory))).statusCode).toBe(200);
}, 60_000);
