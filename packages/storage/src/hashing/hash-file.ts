import { constants } from 'node:fs';
import { Bitfield, Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { type FileIdentity, identityOf, sameIdentity } from '../file-identity.ts';
import { OpenFile } from '../open-file.ts';
import { StoreError } from '../piece-store.ts';
import { hashInTurns } from './hash-in-turns.ts';
import { INLINE_BYTES, startHashJob } from './hash-job.ts';
import type { HashPlan, HashResult } from './hash-plan.ts';
import { sha1IsCompiled } from './sha1.ts';

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
 * Hashes a file for sharing: a small one in one way through its bytes, others on two cores: the whole file's SHA-1 can only be made from its beginning
 * to its end, so where it can be handed over two threads take turns at it, else it is one thread's work, and the pieces' are another one's beside it. StoreError 'missing' | 'permission' | 'not_a_file' | 'changed' (while it was read) |
 * 'io'; the signal's reason.
 */
export async function hashFile(
  path: string,
  options: HashOptions = {},
  /** A SHA-1 under way can be handed from thread to thread. */
  canTakeTurns = sha1IsCompiled,
): Promise<HashedFile> {
  return readWhole(path, async (file, identity) => {
    const geometry = new Geometry(identity.sizeBytes);
    const results = await hashAll(file, geometry, options, canTakeTurns);
    if (results.some(({ pieces }) => pieces < geometry.pieceCount)) throw changed(path);
    const sha1s = Buffer.concat(results.map((result) => result.sha1s));
    return { sizeBytes: geometry.sizeBytes, pieceHashes: sha1s.subarray(20), sha1: sha1s.subarray(0, 20), identity };
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
    const [found] = (await hashAtOnce(file, geometry, ['pieces'], options)) as [HashResult];
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

function hashAll(
  file: OpenFile,
  geometry: Geometry,
  options: HashOptions,
  canTakeTurns: boolean,
): Promise<HashResult[]> {
  if (geometry.sizeBytes <= INLINE_BYTES) return hashAtOnce(file, geometry, ['both'], options);
  if (!canTakeTurns) return hashAtOnce(file, geometry, ['file', 'pieces'], options);
  const onProgress = (pieces: number) => options.onProgress?.(bytesOf(pieces, geometry), geometry.sizeBytes);
  return hashInTurns(file, geometry, onProgress, options.signal).then((result) => [result]);
}

async function hashAtOnce(
  file: OpenFile,
  geometry: Geometry,
  wants: readonly HashPlan['want'][],
  { onProgress, signal }: HashOptions,
): Promise<HashResult[]> {
  const done = wants.map(() => 0);
  const jobs = wants.map((want, at) =>
    startHashJob({
      file,
      geometry,
      want,
      availablePieces: geometry.pieceCount,
      onProgress: (pieces) => {
        done[at] = pieces;
        onProgress?.(bytesOf(Math.min(...done), geometry), geometry.sizeBytes);
      },
      ...(signal && { signal }),
    }),
  );
  try {
    return await Promise.all(jobs.map(({ result }) => result));
  } finally {
    // Where one failed, the other still reads the file that is about to be closed.
    await Promise.all(jobs.map((job) => job.end()));
  }
}

const bytesOf = (pieces: number, geometry: Geometry): number => Math.min(pieces * PIECE_BYTES, geometry.sizeBytes);

const changed = (path: string): StoreError => new StoreError('changed', `${path} changed while it was read: try again`);
