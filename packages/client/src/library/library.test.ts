import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DownloadRow } from './download-rows.ts';
import { newDeviceKey } from './identities.ts';
import { Library } from './library.ts';
import type { ShareRow } from './share-rows.ts';

let folder: string;
let library: Library;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-library-'));
  library = new Library(folder);
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

function reopen() {
  library.close();
  library = new Library(folder);
}

const share: ShareRow = {
  uid: 'u1',
  infoHash: 'aa',
  gid: 'g1',
  groupName: 'team',
  name: 'film.mkv',
  path: '/films/film.mkv',
  sizeBytes: 5e12,
  identity: '{}',
  acknowledged: false,
  ifListed: false,
  uploadedBytes: 0,
  files: null,
};
const download: DownloadRow = {
  id: 'd1',
  uid: 'u1',
  infoHash: 'bb',
  gid: 'g1',
  groupName: 'team',
  name: 'data.bin',
  destination: '/tmp/data.bin',
  sizeBytes: 7,
  state: 'running',
  reason: null,
  sources: [],
  doneBytes: 3,
  createdMs: 1,
  folder: null,
};

test('a device key survives a restart and signs what its public half verifies', () => {
  const key = newDeviceKey();
  library.identities.save({ uid: 'u1', name: 'Alice', deviceId: 'd1', key });
  library.identities.setLoggedIn('u1');
  reopen();
  const loaded = library.identities.byName('aLiCe')!;
  expect(loaded).toMatchObject({ uid: 'u1', name: 'Alice', deviceId: 'd1' });
  expect(loaded.key.publicKey).toBe(key.publicKey);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key.publicKey, 'hex')]); // RFC 8410
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  expect(verify(null, Buffer.from('x'), publicKey, loaded.key.sign(Buffer.from('x')))).toBe(true);
  expect(library.identities.loggedIn()?.uid).toBe('u1');
  library.identities.setLoggedIn(null);
  expect(library.identities.loggedIn()).toBeUndefined();
});

test('the library is for its user alone', () => {
  for (const file of ['library.db', 'library.db-wal']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});

test('a home copied to another machine has lost its device keys, and nothing else', () => {
  library.identities.save({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
  library.shares.save(share);
  library.close();
  const database = new DatabaseSync(join(folder, 'library.db'));
  database.exec("UPDATE meta SET value = 'of another machine' WHERE key = 'machine'");
  database.close();
  library = new Library(folder);
  expect(library.identities.byName('alice')).toBeUndefined();
  expect(library.shares.ofUser('u1')).toEqual([share]);
});

test('a library of a newer format is refused with a sentence', () => {
  library.close();
  const database = new DatabaseSync(join(folder, 'library.db'));
  database.exec("UPDATE meta SET value = '4' WHERE key = 'format'");
  database.close();
  expect(() => new Library(folder)).toThrow(/newer peerage/);
  const again = new DatabaseSync(join(folder, 'library.db'));
  again.exec("UPDATE meta SET value = '3' WHERE key = 'format'");
  again.close();
  library = new Library(folder);
});

test('a library of an earlier format, which knew no folders (1) nor how far a download was (1 and 2), is read and written on', () => {
  library.shares.save(share);
  library.downloads.save(download);
  library.close();
  const database = new DatabaseSync(join(folder, 'library.db'));
  database.exec('ALTER TABLE shares DROP COLUMN files; ALTER TABLE downloads DROP COLUMN folder');
  database.exec('ALTER TABLE downloads DROP COLUMN done');
  database.exec("UPDATE meta SET value = '1' WHERE key = 'format'");
  database.close();
  library = new Library(folder);
  const earlier = { ...download, doneBytes: 0 };
  expect([library.shares.ofUser('u1'), library.downloads.ofUser('u1')]).toEqual([[share], [earlier]]);
  const choice = { only: ['*.jpg'], chosenFiles: 3, files: 10, isServed: true };
  library.downloads.save({ ...download, sizeBytes: 3, folder: choice });
  library.shares.save({ ...share, infoHash: 'cc', files: 10 });
  reopen();
  expect(library.downloads.ofUser('u1')).toEqual([{ ...download, sizeBytes: 3, folder: choice }]);
  expect(library.shares.find('u1', 'cc')?.files).toBe(10);
});

test('shares and downloads are each user’s own, and metainfo stays while one refers to it', () => {
  library.shares.save(share);
  library.shares.save({ ...share, path: '/moved', acknowledged: true });
  library.shares.setUploaded([{ uid: 'u1', infoHash: 'aa', uploadedBytes: 42 }]);
  library.downloads.save(download);
  library.downloads.save({ ...download, state: 'failed', reason: { code: 'integrity', message: 'no' } });
  library.metainfo.save('aa', Uint8Array.of(1, 2));
  library.metainfo.save('cc', Uint8Array.of(3));
  library.metainfo.removeUnused();
  library.rememberPort(7001);
  reopen();
  expect(library.shares.ofUser('u1')).toEqual([
    { ...share, path: '/moved', acknowledged: true, files: null, uploadedBytes: 42 },
  ]);
  expect(library.shares.ofUser('u2')).toEqual([]);
  expect(library.downloads.ofUser('u1')).toEqual([
    { ...download, state: 'failed', reason: { code: 'integrity', message: 'no' } },
  ]);
  expect([...library.metainfo.get('aa')!]).toEqual([1, 2]);
  expect(library.metainfo.get('cc')).toBeUndefined();
  expect(library.rememberedPort).toBe(7001);
  library.shares.remove('u1', 'aa');
  library.downloads.remove('d1');
  expect(library.shares.ofUser('u1')).toEqual([]);
  expect(library.downloads.ofUser('u1')).toEqual([]);
});

test('a finished download and its share are one write', () => {
  library.saveFinished({ ...download, state: 'completed' }, { ...share, infoHash: 'bb' });
  expect(library.shares.find('u1', 'bb')).toMatchObject({ infoHash: 'bb' });
  expect(library.downloads.ofUser('u1')).toMatchObject([{ id: 'd1', state: 'completed' }]);
  const broken = { ...download, id: 'd2', sizeBytes: 'no number' as unknown as number };
  expect(() => library.saveFinished(broken, { ...share, infoHash: 'cc' })).toThrow();
  expect(library.shares.find('u1', 'cc')).toBeUndefined();
  expect(library.downloads.ofUser('u1')).toHaveLength(1);
});
