import type { DownloadStore } from '../download/download-store.ts';
import { FoldedHash } from './folded-hash.ts';
import { FollowingHash } from './following-hash.ts';
import type { PieceHash, RunningHash } from './running-hash.ts';
import { sha1IsCompiled } from './sha1.ts';

/** Rejects with StoreError. */
export async function startRunningHash(store: DownloadStore, pieceHash: PieceHash): Promise<RunningHash> {
  return sha1IsCompiled ? new FoldedHash(store, pieceHash) : FollowingHash.start(store, pieceHash);
}
