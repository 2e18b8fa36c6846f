import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { encodeInfo, Geometry, type GroupId, infoHashOf } from '@peerage/bittorrent';
import { type HashedFile, hashFile } from '@peerage/storage';
import type { Identity } from '../../packages/client/src/library/identities.ts';
import { Library } from '../../packages/client/src/library/library.ts';
import type { ShareRow } from '../../packages/client/src/library/share-rows.ts';
import { keys } from '../../packages/tracker/src/domain/entities.ts';
import { indexRows } from '../../packages/tracker/src/domain/indexes.ts';
import { type Put, put } from '../../packages/tracker/src/domain/rule.ts';
import { SqliteStore } from '../../packages/tracker/src/store/sqlite-store.ts';

/** One content under a name of its own. */
export interface Entry {
  readonly name: string;
  readonly infoHash: string;
  readonly info: Uint8Array;
}

/** What a device shares of a group: copies of the share that it made by itself, under other names. */
export interface Filled {
  readonly owner: Identity;
  readonly like: ShareRow;
  readonly hashed: HashedFile;
  readonly entries: readonly Entry[];
}

/** Writes `names` into the library of a client that does not run, as shares like the only one that is there in that group. */
export async function fillShares(home: string, group: string, names: readonly string[]): Promise<Filled> {
  const library = new Library(home);
  try {
    const owner = library.identities.loggedIn()!;
    const like = library.shares.ofUser(owner.uid).find(({ groupName }) => groupName === group)!;
    const hashed = await hashFile(like.path);
    const entries = names.map((name) => entryOf(name, like.gid as GroupId, hashed));
    for (const { name, infoHash, info } of entries) {
      library.metainfo.save(infoHash, info);
      library.shares.save({ ...like, name, infoHash });
    }
    return { owner, like, hashed, entries };
  } finally {
    library.close();
  }
}

/** Running downloads of what others share, in the library of a client that does not run. */
export function fillDownloads(home: string, folder: string, filled: readonly Filled[]): void {
  const library = new Library(home);
  const { uid } = library.identities.loggedIn()!;
  for (const { like, entries } of filled) {
    for (const { name, infoHash, info } of entries) {
      library.metainfo.save(infoHash, info);
      library.downloads.save({
        id: randomUUID(),
        uid,
        infoHash,
        gid: like.gid,
        groupName: like.groupName,
        name,
        destination: join(folder, name),
        sizeBytes: like.sizeBytes,
        doneBytes: 0,
        state: 'running',
        reason: null,
        sources: [],
        createdMs: Date.now(),
        folder: null,
      });
    }
  }
  library.close();
}

/** The same shares in the catalogue of a tracker that does not run. */
export async function fillCatalogue(dataFolder: string, filled: readonly Filled[]): Promise<void> {
  const store = new SqliteStore(join(dataFolder, 'tracker.db'));
  const now = store.now();
  for (const { owner, like, hashed, entries } of filled) {
    const about = {
      sizeBytes: hashed.sizeBytes,
      pieces: new Geometry(hashed.sizeBytes).pieceCount,
      sha1: Buffer.from(hashed.sha1).toString('hex'),
      by: owner.uid,
      addedAt: now,
    };
    for (let from = 0; from < entries.length; from += 1000) {
      const puts = entries
        .slice(from, from + 1000)
        .flatMap(({ name, infoHash }): Put[] => [
          put('content', keys.content(like.gid, infoHash), { name, ...about }),
          put('intent', keys.intent(like.gid, infoHash, owner.uid, owner.deviceId), { since: now }),
        ]);
      await store.commit([...puts, ...puts.flatMap(indexRows)], []);
    }
  }
  await store.close();
}

function entryOf(name: string, group: GroupId, { sizeBytes, pieceHashes, sha1 }: HashedFile): Entry {
  const info = encodeInfo({ kind: 'file', name, group, geometry: new Geometry(sizeBytes), pieceHashes, sha1 });
  return { name, info, infoHash: infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest()) };
}
