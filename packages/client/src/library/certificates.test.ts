import { type ControlEvent, PeerageError, type RouteAnswer, type TrackerRoutes } from '@peerage/contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineRequest } from '../engine/engine-protocol.ts';
import { Certificates, type CertificatesPorts } from './certificates.ts';
import { type Identity, newDeviceKey } from './identities.ts';

type Answer = RouteAnswer<TrackerRoutes['certificates']>;

const LIFE_MS = 3_600_000;
const account: Identity = { uid: 'u'.repeat(32), name: 'alice', deviceId: 'd'.repeat(32), key: newDeviceKey() };
const [one, two] = ['1'.repeat(32), '2'.repeat(32)] as const;

let certificates: Certificates;
let groups: Set<string>;
/** Groups that the tracker certifies; undefined: it does not answer. */
let certified: Set<string> | undefined;
const asked: string[][] = [];
const requests: EngineRequest[] = [];
const told: ControlEvent[] = [];
const failures: unknown[] = [];

const answerFor = (wanted: readonly string[]): Answer => ({
  certificates: wanted
    .filter((group) => certified!.has(group))
    .map((group) => ({
      group,
      certificate: 'AA==',
      notBeforeMs: Date.now() - 300_000,
      notAfterMs: Date.now() + LIFE_MS,
      labelKey: '0'.repeat(64),
    })),
  issuers: ['AA=='],
  retiredIssuers: [],
  revoked: [],
  nowMs: Date.now(),
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5); // no jitter
  groups = new Set([one]);
  certified = new Set([one, two]);
  for (const list of [asked, requests, told, failures]) list.length = 0;
  certificates = new Certificates({
    link: {
      call: async (_name: string, { body }: { body: { groups: string[] } }) => {
        asked.push(body.groups);
        if (certified === undefined) throw new PeerageError('tracker_unreachable', 'nobody answers');
        return answerFor(body.groups);
      },
    } as unknown as CertificatesPorts['link'],
    engine: {
      request: async (request) => {
        requests.push(request);
        return null;
      },
    },
    revocations: { toldAll: async () => undefined },
    tell: (event) => told.push(event),
    groups: () => groups,
    onFailure: (error) => failures.push(error),
  });
});
afterEach(() => {
  certificates.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(failures).toEqual([]);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const given = () => requests.flatMap((request) => (request.type === 'membership' ? [request.membership.group] : []));
const taken = () => requests.flatMap((request) => (request.type === 'membership_ended' ? [request.group] : []));

test('all groups are asked for in one request, and again when half of the life is over', async () => {
  groups.add(two);
  await certificates.start(account);
  expect([asked, given()]).toEqual([[[one, two]], [one, two]]);
  await vi.advanceTimersByTimeAsync(LIFE_MS / 2 - 1);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect([asked.length, given()]).toEqual([2, [one, two, one, two]]);
});

test('the moment of renewal is up to 20 % of the half sooner or later', async () => {
  vi.mocked(Math.random).mockReturnValue(0);
  await certificates.start(account);
  await vi.advanceTimersByTimeAsync(LIFE_MS * 0.4);
  expect(asked).toHaveLength(2);
  vi.mocked(Math.random).mockReturnValue(1);
  await vi.advanceTimersByTimeAsync(LIFE_MS * 0.4);
  expect(asked).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(LIFE_MS * 0.6 - 1);
  expect(asked).toHaveLength(3);
});

test('while no tracker answers it is tried again, at last every 30 s, and the person is told once when the certificate is over', async () => {
  await certificates.start(account);
  certified = undefined;
  await vi.advanceTimersByTimeAsync(LIFE_MS - 1);
  expect(told).toEqual([]);
  const tries = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length - tries).toBe(2);
  expect(told).toMatchObject([{ type: 'notice', message: expect.stringContaining("membership can't be renewed") }]);
  certified = new Set([one]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(given()).toEqual([one, one]);
});

test('a group that something is shared in from now on is asked for at once, and nothing else is asked twice', async () => {
  await certificates.start(account);
  certificates.changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(1);
  groups.add(two);
  certificates.changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([[one], [one, two]]);
});

test('a tracker that leaves a group out takes no certificate: it is asked again soon, and at last when the certificate is over', async () => {
  groups.add(two);
  await certificates.start(account);
  certified = new Set([one]);
  certificates.renew();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.length).toBeGreaterThan(3);
  certified = new Set([one, two]); // it has heard of the membership now
  await vi.advanceTimersByTimeAsync(5_000);
  expect([given().at(-1), taken()]).toEqual([two, []]);
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(before);

  certified = new Set([one]);
  await vi.advanceTimersByTimeAsync(2 * LIFE_MS);
  expect(taken()).toContain(two);
  expect(taken()).not.toContain(one);
});

test('a change while trackers are asked is asked for too', async () => {
  const starting = certificates.start(account);
  certificates.renew();
  await starting;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(2);
});

test('the certificate of a group goes where nothing is shared or fetched there any more, or the group is left', async () => {
  groups.add(two);
  await certificates.start(account);
  groups.delete(one);
  certificates.renew();
  await vi.advanceTimersByTimeAsync(0);
  expect(taken()).toEqual([one]);
  await certificates.left('3'.repeat(32));
  expect(taken().at(-1)).toBe('3'.repeat(32));
});

test('an unknown issuer makes it ask, but not as often as strangers like', async () => {
  await certificates.start(account);
  for (let second = 0; second < 60; second++) {
    certificates.issuerUnknown();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(asked).toHaveLength(3);
});

test('nothing is asked once nobody is logged in', async () => {
  await certificates.start(account);
  certificates.stop();
  certificates.renew();
  certificates.changed();
  await vi.advanceTimersByTimeAsync(LIFE_MS);
  expect(asked).toHaveLength(1);
});
