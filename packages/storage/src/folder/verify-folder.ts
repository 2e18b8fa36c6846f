import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Geometry, PieceIndex } from '@peerage/bittorrent';
import { fileFailure } from '../file-failure.ts';
import { hashInFolder } from '../hashing/folder-hash-job.ts';
import { StoreError } from '../piece-store.ts';
import { diskPathOf, identityLine, identityLines, identityText } from './folder-identity.ts';
import { inTurns } from './in-turns.ts';
import type { ShareFiles } from './share-files.ts';

export interface FolderToVerify {
  readonly root: string;
  readonly files: ShareFiles;
  readonly geometry: Geometry;
  readonly pieceHashes: Uint8Array;
  /** What the files were when they were last found right (folder-identity.ts); '' where that is not known. */
  readonly known: string;
}

const STATS_AT_ONCE = 8;

/** What the files of a shared folder are now, as one text. StoreError 'missing' | 'permission', 'changed' where a size is another. */
export async function lookAtFolder({
  root,
  files,
  known,
}: Pick<FolderToVerify, 'root' | 'files' | 'known'>): Promise<string> {
  const before = identityLines(known, files.count);
  const lines = new Array<string>(files.count);
  const numbers = Array.from({ length: files.count }, (_, file) => file);
  await folderStats(root);
  await inTurns(numbers, STATS_AT_ONCE, async (file) => {
    const shared = files.path(file);
    const onDisk = diskPathOf(before?.[file], shared);
    const path = join(root, onDisk);
    const stats = await stat(path, { bigint: true }).catch((cause: unknown) => {
      throw fileFailure(cause, path);
    });
    if (!stats.isFile() || Number(stats.size) !== files.sizeOf(file)) throw changed(path);
    lines[file] = identityLine(stats, { shared, onDisk });
  });
  return identityText(lines);
}

export interface VerifiedFolder {
  /** What the files are now. */
  readonly identity: string;
  readonly readPieces: number;
  /** Numbers of pieces that are wrong, and the path of a file to blame for the first of them. */
  readonly wrong: { readonly pieces: readonly number[]; readonly path: string } | undefined;
}

/**
 * Reads again what is not as it was known (`all`: everything). StoreError as of `lookAtFolder`, 'changed' where it changed meanwhile; the
 * signal's reason.
 */
export async function verifyFolder(
  folder: FolderToVerify,
  options: {
    readonly all: boolean;
    readonly signal: AbortSignal;
    readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  },
): Promise<VerifiedFolder> {
  const { root, files, geometry, pieceHashes, known } = folder;
  const found = await lookAtFolder(folder);
  const lines = identityLines(found, files.count)!;
  const before = options.all ? undefined : identityLines(known, files.count);
  const pieces = new Set<number>();
  for (const [file, line] of lines.entries()) {
    if (before?.[file] === line) continue;
    const { first, end } = files.piecesOf(file);
    for (let piece = first; piece < end; piece++) pieces.add(piece);
  }
  if (pieces.size === 0) return { identity: found, readPieces: 0, wrong: undefined };
  const wanted = Uint32Array.from(pieces).sort();
  const totalBytes = wanted.reduce((sum, piece) => sum + geometry.pieceLengthBytes(piece as PieceIndex), 0);
  const { onProgress } = options;
  const onDisk = lines.map((line, file) => diskPathOf(line, files.path(file)));
  const { sha1s, seen } = await hashInFolder({
    root,
    files: onDisk,
    offsets: files.packed.offsets,
    want: 'pieces',
    pieces: wanted,
    signal: options.signal,
    ...(onProgress && { onProgress: (bytes) => onProgress(bytes, totalBytes) }),
  });
  for (const [file, identity] of seen) {
    const names = { shared: files.path(file), onDisk: onDisk[file]! };
    if (identityLine(identity, names) !== lines[file]) throw changed(join(root, onDisk[file]!));
  }
  const wrong = [...wanted].filter((piece, place) => {
    const right = pieceHashes.subarray(piece * 20, piece * 20 + 20);
    return Buffer.compare(sha1s.subarray(place * 20, place * 20 + 20), right) !== 0;
  });
  const readPieces = wanted.length;
  if (wrong.length === 0) return { identity: found, readPieces, wrong: undefined };
  const inPiece = files.segmentsOf(wrong[0] as PieceIndex, geometry).map(({ file }) => file);
  const suspect = inPiece.find((file) => before?.[file] !== lines[file]) ?? inPiece[0]!;
  return { identity: found, readPieces, wrong: { pieces: wrong, path: join(root, onDisk[suspect]!) } };
}

async function folderStats(root: string): Promise<void> {
  const stats = await stat(root).catch((cause: unknown) => {
    throw fileFailure(cause, root);
  });
  if (!stats.isDirectory()) throw new StoreError('missing', `${root} is no folder any more: put it back`);
}

const changed = (path: string): StoreError =>
  new StoreError('changed', `'${path}' is no longer what was shared: put the old file back, or upload the folder anew`);
