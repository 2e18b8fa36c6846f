import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenHash } from '../../packages/tracker/src/accounts/sessions.ts';
import { keys } from '../../packages/tracker/src/domain/entities.ts';
import { indexRows } from '../../packages/tracker/src/domain/indexes.ts';
import { type Put, put } from '../../packages/tracker/src/domain/rule.ts';
import { SqliteStore } from '../../packages/tracker/src/store/sqlite-store.ts';
import { testMetainfo } from '../../packages/tracker/src/testing/metainfo.ts';

export const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** A logged-in device of a user of its own, who is a member of `group` and may offer `infoHash` there. */
export interface PreparedDevice {
  readonly uid: string;
  readonly device: string;
  readonly token: string;
  readonly group: string;
  readonly infoHash: string;
}

export interface Prepared {
  readonly devices: readonly PreparedDevice[];
  /** Number of every device's session. */
  readonly presenceSession: number;
}

function openStore(dataDir: string): SqliteStore {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return new SqliteStore(join(dataDir, 'tracker.db'));
}

/** Files to share, with their metainfo where another tracker is to fetch it. `isOffered`: somebody else, who is never there, shares them too, so that they are listed whatever the devices do. */
interface Prefilling {
  readonly membersPerGroup: number;
  readonly isOffered?: boolean | undefined;
  readonly hasMetainfo?: boolean | undefined;
}

/** Sessions that nobody paid password hashes for: written into the data folder of a tracker that does not run. */
export async function prefillDevices(
  dataDir: string,
  count: number,
  { membersPerGroup, isOffered, hasMetainfo }: Prefilling,
): Promise<Prepared> {
  const store = openStore(dataDir);
  const now = store.now();
  const devices: PreparedDevice[] = [];
  let group = '';
  let puts: Put[] = [];
  const commit = async () => {
    await store.commit([...puts, ...puts.flatMap(indexRows)], []);
    puts = [];
  };
  for (let index = 0; index < count; index++) {
    const [uid, device, token] = [hex(16), hex(16), randomBytes(32).toString('base64url')];
    const creation = { name: `user${index}`, device: hex(32), nonce: hex(16), signature: hex(64) };
    if (index % membersPerGroup === 0) {
      group = hex(16);
      const made = { ...creation, name: `group${index}` };
      puts.push(
        put('group_name', keys.claim(made.name, group), { claimedAt: now, settled: false }),
        put('group', group, { creation: made, name: made.name, renamedAt: 0, creator: uid }),
        put('group_label', group, { key: hex(32) }),
        put('preferred_owner', group, { uid, at: 0 }),
      );
    }
    const infoHash = hasMetainfo ? writeMetainfo(dataDir, group, `file${index}`) : hex(20);
    const member = { state: 'member', application: now, since: now, decidedBy: null, refusals: 0 } as const;
    const deviceKey = keys.device(uid, device);
    const about = { name: `file${index}`, sizeBytes: 1, pieces: 1, sha1: hex(20) };
    puts.push(
      put('user_name', keys.claim(creation.name, uid), { claimedAt: now, settled: false }),
      put('user', uid, { creation, name: creation.name, renamedAt: 0 }),
      put('credential', uid, { hash: '', epoch: 'e', changedAt: 0 }),
      put('device', deviceKey, { publicKey: creation.device, label: 'bench', addedAt: now, revoked: false }),
      put('login', deviceKey, { id: hex(16), epoch: 'e', on: true, at: now }),
      put('session', tokenHash(token), { uid, device, presenceSession: now, epoch: 'e' }),
      put('device_session', deviceKey, { tokenHash: tokenHash(token) }),
      put('membership', keys.membership(group, uid), { ...member, applicationId: hex(16) }),
      put('blob', keys.content(group, infoHash), { ...about, blobBytes: 100, storedAt: now }),
    );
    if (isOffered) {
      const other = hex(16);
      puts.push(
        put('membership', keys.membership(group, other), { ...member, applicationId: hex(16) }),
        put('content', keys.content(group, infoHash), { ...about, by: other, addedAt: now }),
        put('intent', keys.intent(group, infoHash, other, hex(16)), { since: now }),
      );
    }
    devices.push({ uid, device, token, group, infoHash });
    if (puts.length > 2_000) await commit();
  }
  await commit();
  await store.close();
  return { devices, presenceSession: now };
}

/** As the tracker keeps it (blob-files.ts); its info-hash. */
function writeMetainfo(dataDir: string, group: string, name: string): string {
  const metainfo = testMetainfo(group, name);
  const infoHash = createHash('sha1').update(metainfo).digest('hex');
  const folder = join(dataDir, 'blobs', group);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, infoHash), metainfo);
  return infoHash;
}

/** Replicated rows that say nothing, as many as wanted, in commits of ten. */
export async function prefillRows(dataDir: string, count: number): Promise<void> {
  const store = openStore(dataDir);
  const now = store.now();
  const row = () =>
    put('command', keys.command(hex(16), hex(16)), { route: 'bench', bodyHash: hex(32), result: {}, at: now });
  for (let written = 0; written < count; ) {
    const commits = Array.from({ length: Math.min(200, Math.ceil((count - written) / 10)) }, () =>
      store.commit(
        Array.from({ length: 10 }, () => row()),
        [],
      ),
    );
    await Promise.all(commits);
    written += commits.length * 10;
  }
  await store.close();
}
