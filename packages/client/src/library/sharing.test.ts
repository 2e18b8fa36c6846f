import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TransferSnapshot } from '../engine/engine-protocol.ts';
import { newDeviceKey } from './identities.ts';
import { Library } from './library.ts';
import { Sharing } from './sharing.ts';

let folder: string;
let library: Library;
let sharing: Sharing;
let nowMs: number;
/** What the tracker says to a call of that name. */
let answer: (name: string) => Promise<unknown>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-sharing-'));
  library = new Library(folder);
  nowMs = 0;
  for (const name of ['film', 'song']) {
    library.metainfo.save(name, new Uint8Array(1));
    library.shares.save({ ...share, infoHash: name, name, path: join(folder, name) });
  }
  answer = async () => {
    throw new PeerageError('tracker_unreachable', 'no tracker');
  };
  sharing = new Sharing({
    library,
    engine: { request: async () => null, close: async () => undefined },
    link: {
      call: (name: string) => answer(name),
    } as never,
    nowMs: () => nowMs,
    tell: () => undefined,
    moved: () => undefined,
    presenceChanged: () => undefined,
    onFailure: () => undefined,
  });
  await sharing.start({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
});

afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const share = {
  uid: 'u1',
  gid: 'g1',
  groupName: 'team',
  sizeBytes: 7,
  identity: '{}',
  acknowledged: true,
  ifListed: false,
  uploadedBytes: 100,
  files: null,
};

const uploads = (name: string, uploadedBytes: number): void =>
  sharing.onSnapshot({ share: name, uploadedBytes, connected: [] as readonly string[] } as TransferSnapshot);

/** What a client finds that starts after a kill -9 now. */
const kept = () => Object.fromEntries(library.shares.ofUser('u1').map((row) => [row.name, row.uploadedBytes]));

test('what was uploaded is kept every ten seconds while it grows, so that a kill takes no more than those', () => {
  uploads('film', 5);
  expect(kept()).toEqual({ film: 105, song: 100 });
  nowMs = 9999;
  uploads('film', 6);
  uploads('song', 1);
  expect(kept()).toEqual({ film: 105, song: 100 });
  nowMs = 10_000;
  uploads('song', 2);
  expect(kept()).toEqual({ film: 106, song: 102 });
  expect(sharing.known.list().map(({ uploaded }) => uploaded)).toEqual([106, 102]);
});

test('a logout keeps all of it, and the next login counts on from there', async () => {
  uploads('film', 5);
  uploads('film', 8);
  await sharing.stop();
  expect(kept()).toEqual({ film: 108, song: 100 });
  await sharing.start({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
  nowMs = 20_000;
  uploads('film', 1);
  expect(kept()).toEqual({ film: 109, song: 100 });
});

test('a tracker that was not given the metainfo, since another one answered then, is given it', async () => {
  const asked: string[] = [];
  answer = async (name) => {
    asked.push(name);
    if (name === 'share' && !asked.includes('putMetainfo')) throw new PeerageError('protocol', 'send it first');
    return { settled: true };
  };
  const row = { ...share, infoHash: 'new', name: 'new', path: join(folder, 'new'), uploadedBytes: 0 };
  expect(await sharing.add(row, new Uint8Array(1), { seeding: false })).toEqual({ settled: true });
  expect(asked).toEqual(['share', 'putMetainfo', 'share']);
  expect(library.shares.find('u1', 'new')).toMatchObject({ acknowledged: true });

  answer = async () => {
    throw new PeerageError('protocol', 'send it first');
  };
  const other = { ...row, infoHash: 'other', name: 'other' };
  await expect(sharing.add(other, new Uint8Array(1), { seeding: false })).rejects.toMatchObject({ code: 'protocol' });
});

const finished = () => ({ ...share, infoHash: 'new', name: 'new', path: join(folder, 'new'), acknowledged: false });

/** A download that has just ended, while a tracker is asked whether it is a share. */
function addFinished() {
  const answers = Promise.withResolvers<unknown>();
  const asked: string[] = [];
  answer = (name) => {
    asked.push(name);
    return name === 'share' ? answers.promise : Promise.resolve({ settled: true, shares: [] });
  };
  library.saveFinished(download, finished());
  return { added: sharing.addFinished(finished(), new Uint8Array(1)), answers, asked };
}

const download = {
  id: 'd',
  uid: 'u1',
  infoHash: 'new',
  gid: 'g1',
  groupName: 'team',
  name: 'new',
  destination: '/new',
  sizeBytes: 7,
  state: 'completed' as const,
  reason: null,
  sources: [],
  doneBytes: 7,
  createdMs: 1,
  folder: null,
};

test.each([
  [
    'refused',
    (answers: PromiseWithResolvers<unknown>) => answers.reject(new PeerageError('not_logged_in', 'nobody is')),
  ],
  ['acknowledged', (answers: PromiseWithResolvers<unknown>) => answers.resolve({ settled: true })],
])(
  'who logs out right after a download shares it after the next login: the tracker has %s it by then',
  async (_, end) => {
    const { added, answers } = addFinished();
    await sharing.stop();
    end(answers);
    await added;
    expect(sharing.known.rows()).toEqual([]);
    expect(library.shares.find('u1', 'new')).toBeDefined();
  },
);

test('what is removed while a tracker is asked to list it is not offered, and the tracker is told', async () => {
  const { added, answers, asked } = addFinished();
  await sharing.remove(finished());
  answers.resolve({ settled: true });
  await added;
  expect(asked).toEqual(['share', 'stopShare', 'stopShare']);
  expect(sharing.known.get('new')).toBeUndefined();
  expect(library.shares.find('u1', 'new')).toBeUndefined();
});
