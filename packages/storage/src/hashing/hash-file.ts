import { constants } from 'node:fs';
import { Bitfield, Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { type FileIdentity, identityOf, sameIdentity } from '../file-identity.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import { startHashJob } from './hash-job.ts';
import type { HashResult } from './hash-plan.ts';
import { PieceRelay } from './piece-relay.ts';
import { TOGETHER_PIECES } from './sha1.ts';

/** So the thread that reads is ahead of the one that hashes the whole file. */
const RELAY_PLACES = 3 * TOGETHER_PIECES;

export interface HashOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface HashedFile {
  readonly sizeBytes: number;
  /** 20 bytes a piece of 512 KiB (BEP 3, `pieces`). */
  readonly pieceHashes: Uint8Array;
  /** Of the whole file (BEP 47, `sha1`). */
  readonly sha1: Uint8Array;
  /** The file as it was while it was read: what a SourceStore expects. */
  readonly identity: FileIdentity;
}

/**
 * Hashes a file for sharing. The whole file's SHA-1 can only be made from its beginning to its end, so it is one core's work;
 * the pieces' are another one's beside it. StoreError 'missing' | 'permission' | 'not_a_file' | 'changed' (while it was read) |
 * 'io'; the signal's reason.
 */
export async function hashFile(path: string, options: HashOptions = {}): Promise<HashedFile> {
  return readWhole(path, async (file, identity) => {
    const geometry = new Geometry(identity.sizeBytes);
    const [whole, pieces] = await hashBoth(file, geometry, options);
    if (whole.pieces < geometry.pieceCount || pieces.pieces < geometry.pieceCount) throw changed(path);
    return { sizeBytes: geometry.sizeBytes, pieceHashes: pieces.sha1s, sha1: whole.sha1s, identity };
  });
}

/**
 * Which pieces of a share a file holds: of a source that may have changed, say. Failures as of `hashFile`; a file of another
 * size is no failure.
 */
export async function verifyFile(
  path: string,
  geometry: Geometry,
  pieceHashes: Uint8Array,
  options: HashOptions = {},
): Promise<{ readonly have: Bitfield; readonly identity: FileIdentity }> {
  return readWhole(path, async (file, identity) => {
    const { onProgress, signal } = options;
    const job = startHashJob({
      file,
      geometry,
      want: 'pieces',
      availablePieces: geometry.pieceCount,
      ...(onProgress && { onProgress: (pieces) => onProgress(bytesOf(pieces, geometry), geometry.sizeBytes) }),
      ...(signal && { signal }),
    });
    const found = await job.result;
    const have = Bitfield.empty(geometry);
    for (const piece of geometry.pieces()) {
      const sha1 = found.sha1s.subarray(piece * 20, piece * 20 + 20);
      const expected = pieceHashes.subarray(piece * 20, piece * 20 + 20);
      if (piece < found.pieces && Buffer.compare(sha1, expected) === 0) have.set(piece);
    }
    return { have, identity };
  });
}

async function readWhole<Result>(
  path: string,
  read: (file: OpenFile, identity: FileIdentity) => Promise<Result>,
): Promise<Result> {
  const file = await OpenFile.open(path, constants.O_RDONLY);
  try {
    const identity = identityOf(await file.stat());
    const result = await read(file, identity);
    if (!sameIdentity(identity, identityOf(await file.stat()))) throw changed(path);
    return result;
  } finally {
    await file.close();
  }
}

async function hashBoth(file: OpenFile, geometry: Geometry, options: HashOptions): Promise<[HashResult, HashResult]> {
  const { onProgress, signal } = options;
  const done = { file: 0, pieces: 0 };
  const relay = PieceRelay.memory(PIECE_BYTES, Math.min(RELAY_PLACES, Math.max(1, geometry.pieceCount)));
  const start = (want: 'file' | 'pieces') =>
    startHashJob({
      relay,
      file,
      geometry,
      want,
      availablePieces: geometry.pieceCount,
      onProgress: (pieces) => {
        done[want] = pieces;
        onProgress?.(bytesOf(Math.min(done.file, done.pieces), geometry), geometry.sizeBytes);
      },
      ...(signal && { signal }),
    });
  const jobs = [start('file'), start('pieces')] as const;
  try {
    return await Promise.all([jobs[0].result, jobs[1].result]);
  } finally {
    // Where one failed, the other still reads the file that is about to be closed.
    await Promise.all(jobs.map((job) => job.end()));
  }
}

const bytesOf = (pieces: number, geometry: Geometry): number => Math.min(pieces * PIECE_BYTES, geometry.sizeBytes);

const changed = (path: string): StoreError => new StoreError('changed', `${path} changed while it was read: try again`);
