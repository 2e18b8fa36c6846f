import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { defaultLimits } from '../domain/limits.ts';
import { SqliteStore } from './sqlite-store.ts';
import { createWriter } from './writer.ts';

/** A database as format 1 wrote it: two users, a group of theirs, a request that was rejected, a file, a tombstone. */
const [ann, ben, cem, team] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(32)) as [string, string, string, string];
const infoHash = '1'.repeat(40);
const creation = (name: string) => ({ name, device: '00', nonce: '00', signature: '00' });
const membership = (state: string, application: number) => ({
  state,
  application,
  applicationId: `${application}`.padStart(32, '0'),
  since: application,
  decidedBy: null,
  refusals: 0,
});
const ROWS: readonly [string, string, object | null][] = [
  ['user_name', 'ann', { uid: ann }],
  ['user_name', 'ben', { uid: ben }],
  ['user_name', 'cem', { uid: cem }],
  ['user', ann, { creation: creation('ann'), name: 'ann' }],
  ['user', ben, { creation: creation('Ben'), name: 'Ben' }],
  ['user', cem, { creation: creation('cem'), name: 'cem' }],
  ['credential', ann, { hash: 'h', epoch: 'e' }],
  ['device', `${ann}/dev`, { publicKey: '00', label: 'laptop', addedAt: 1, revoked: false }],
  ['login', `${ann}/dev`, { id: 'l', epoch: 'e', on: true }],
  ['group_name', 'team', { gid: team }],
  ['group', team, { creation: creation('team'), name: 'team', creator: ann }],
  ['preferred_owner', team, { uid: ann }],
  ['membership', `${team}/${ann}`, membership('member', 1)],
  ['membership', `${team}/${ben}`, membership('member', 2)],
  ['membership', `${team}/${cem}`, membership('rejected', 3)],
  ['file_name', `${team}/a.bin`, { infoHash }],
  ['content', `${team}/${infoHash}`, { name: 'a.bin', sizeBytes: 1, pieces: 1, sha1: '00', by: ann, addedAt: 5 }],
  ['intent', `${team}/${infoHash}/${ann}/dev`, { since: 5 }],
  ['intent', `${team}/${infoHash}/${ben}/dev`, null],
  ['content', `${team}/${'2'.repeat(40)}`, null],
];

it('data of format 1 is taken over, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-format-1-'));
  const path = join(folder, 'tracker.db');
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('format_version', 1);
    CREATE TABLE rows (entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, hlc INTEGER NOT NULL, origin TEXT NOT NULL,
      seq INTEGER NOT NULL, PRIMARY KEY (entity, key)) STRICT, WITHOUT ROWID;
    CREATE TABLE ops (origin TEXT NOT NULL, seq INTEGER NOT NULL, last_seq_of_commit INTEGER NOT NULL, hlc INTEGER NOT NULL,
      entity TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY (origin, seq)) STRICT, WITHOUT ROWID`);
  for (const [index, [entity, key, value]] of ROWS.entries()) {
    const text = value === null ? null : JSON.stringify(value);
    db.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)').run(entity, key, text, 100 + index, 'ab', index + 1);
    db.prepare('INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?)').run('ab', index + 1, index + 1, 1, entity, key, text);
  }
  db.close();

  for (const _start of ['first', 'second']) {
    const store = new SqliteStore(path);
    const writer = createWriter(store, { ...defaultLimits });
    const asAnn = { actor: { uid: ann, device: 'dev' } };
    expect(await writer.run('listGroups', {}, asAnn)).toMatchObject([{ name: 'team', owner: 'ann', members: 2 }]);
    const members = await writer.run('listMembers', { gid: team }, asAnn);
    expect(members.map(({ user }) => user)).toEqual(['ann', 'Ben']);
    expect(await writer.run('listFiles', { gid: team }, asAnn)).toMatchObject([{ name: 'a.bin', by: 'ann' }]);
    expect(await writer.run('listDevices', {}, asAnn)).toMatchObject([{ label: 'laptop', state: 'active' }]);
    expect(await writer.run('credentialOf', { name: 'ANN' })).toEqual({ uid: ann, hash: 'h' });
    expect(store.opsAfter({}, 1_000)).toBeUndefined(); // another tracker begins with a snapshot
    expect(store.rowsAfter(null, 1_000_000).rows.length).toBe(17);
    await writer.close();
  }
  rmSync(folder, { recursive: true });
});
