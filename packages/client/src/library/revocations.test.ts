import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerageError, type SignedRevocation } from '@peerage/contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineRequest } from '../engine/engine-protocol.ts';
import { Library } from './library.ts';
import { Revocations, type RevocationsPorts } from './revocations.ts';

const row = (number: number, atMs = 1_000_000): SignedRevocation => ({
  kind: 'application',
  id: number.toString(16).padStart(32, '0'),
  atMs,
  issuer: 'a'.repeat(32),
  signature: 'b'.repeat(128),
});

let home: string;
let library: Library;
let revocations: Revocations;
/** What each tracker was told; one that is not in here does not answer. */
let trackers: Map<string, SignedRevocation[]>;
const inForce: SignedRevocation[] = [];
const failures: unknown[] = [];

const link = {
  trackers: ['one', 'two'].map((address) => ({ address, serving: false, reachable: true })),
  callAt: async (address: string, _name: string, { body }: { body: { revocations: SignedRevocation[] } }) => {
    const told = trackers.get(address);
    if (told === undefined) throw new PeerageError('tracker_unreachable', 'it does not answer');
    told.push(...body.revocations);
    return { has: body.revocations };
  },
  call: (name: string, input: { body: { revocations: SignedRevocation[] } }) =>
    link.callAt([...trackers.keys()][0] ?? '', name, input),
};

function open(): void {
  library = new Library(home);
  revocations = new Revocations({
    rows: library.revocations,
    engine: {
      request: async (request: EngineRequest) => {
        if (request.type === 'revoked') inForce.push(...request.revoked);
        return null;
      },
    },
    link: link as unknown as RevocationsPorts['link'],
    onFailure: (error) => failures.push(error),
  });
}

async function close(): Promise<void> {
  await revocations.close();
  library.close();
}

beforeEach(() => {
  vi.useFakeTimers();
  home = mkdtempSync(join(tmpdir(), 'peerage-revocations-'));
  trackers = new Map();
  inForce.length = failures.length = 0;
  open();
});
afterEach(async () => {
  await close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  rmSync(home, { recursive: true });
  expect(failures).toEqual([]);
});

const owed = () => library.revocations.all().map((kept) => [...kept.owed]);

test('what this client brought about counts at once, and is told to every tracker, however late it answers, also after a restart', async () => {
  trackers.set('one', []);
  await revocations.brought([row(1)]);
  expect(inForce).toEqual([row(1)]);
  await vi.advanceTimersByTimeAsync(1);
  expect([trackers.get('one'), owed()]).toEqual([[row(1)], [['two']]]);
  await close();
  open();
  await revocations.start();
  expect(inForce).toEqual([row(1), row(1)]);
  trackers.set('two', []);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([trackers.get('one'), trackers.get('two'), owed()]).toEqual([[row(1)], [row(1)], [[]]]);
});

test('what this client brought about is told to every tracker, also where one told of it before the answer came', async () => {
  trackers.set('one', []).set('two', []);
  await revocations.toldByTracker([row(1)]);
  await revocations.brought([row(1)]);
  await vi.advanceTimersByTimeAsync(1);
  expect([trackers.get('one'), trackers.get('two'), owed()]).toEqual([[row(1)], [row(1)], [[]]]);
});

test('what peers told is handed up to any tracker, as soon as one serves; what a tracker told, to none', async () => {
  revocations.toldByPeer([row(1)]);
  await revocations.toldByTracker([row(2)]);
  await vi.advanceTimersByTimeAsync(1);
  expect(owed()).toEqual([['*'], []]);
  trackers.set('two', []);
  revocations.run();
  await vi.advanceTimersByTimeAsync(1);
  expect([trackers.get('two'), owed()]).toEqual([[row(1)], [[], []]]);
  expect(inForce).toEqual([row(2)]);
});

test('is kept as long as a tracker keeps it, or one is still to be told of it, and 65 min at least', async () => {
  const hour = 3_600_000;
  trackers.set('one', []);
  await revocations.brought([row(1)]);
  await revocations.toldByTracker([row(2), row(3), row(4, 2 * hour)]);
  await vi.advanceTimersByTimeAsync(1);
  await revocations.toldAll([row(3)], 2 * hour);
  expect(library.revocations.all().map(({ revocation }) => revocation)).toEqual([row(1), row(3), row(4, 2 * hour)]);
});

test('a tracker that refuses what it is told is not told it again', async () => {
  const told = vi.spyOn(link, 'callAt').mockRejectedValue(new PeerageError('protocol', 'not signed'));
  await revocations.brought([row(1)]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toHaveBeenCalledTimes(2);
  expect([owed(), failures.splice(0)]).toMatchObject([[[]], [{ code: 'protocol' }, { code: 'protocol' }]]);
  told.mockRestore();
});
