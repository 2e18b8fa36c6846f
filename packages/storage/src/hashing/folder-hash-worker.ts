import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { FolderHashMessage, FolderHashWorkerData } from './folder-hash-job.ts';
import { Sha1, sha1OfEach, TOGETHER_PIECES } from './sha1.ts';

/**
 * The thread of one hash job over a folder: reads its files one after the other and hashes each of them, or the pieces that they make
 * together. Imports only what hashing needs, so that it starts fast.
 */
const data = workerData as FolderHashWorkerData;
const progressEveryBytes = 32 * 1024 * 1024;
const { files, offsets } = data;
const sizeBytes = offsets[files.length]!;

const post = (message: FolderHashMessage) => parentPort?.postMessage(message);
/** What was read is not what the folder held when it was listed. */
class Changed extends Error {}

let current = 0;
let open: { file: number; descriptor: number; stats: BigIntStats } | undefined;
const seen: { file: number; inode: string; sizeBytes: number; modifiedNs: string }[] = [];

function close(): void {
  if (open === undefined) return;
  const { descriptor, file, stats } = open;
  open = undefined;
  try {
    const { mtimeNs, size, ino } = fstatSync(descriptor, { bigint: true });
    if (mtimeNs !== stats.mtimeNs || size !== stats.size) throw new Changed(files[file]);
    seen.push({ file, inode: String(ino), sizeBytes: Number(size), modifiedNs: String(mtimeNs) });
  } finally {
    closeSync(descriptor);
  }
}

function descriptorOf(file: number): number {
  if (open?.file === file) return open.descriptor;
  close();
  current = file;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(`${data.root}/${files[file]}`, flags);
  const stats = fstatSync(descriptor, { bigint: true });
  open = { file, descriptor, stats };
  if (!stats.isFile() || Number(stats.size) !== offsets[file + 1]! - offsets[file]!) throw new Changed(files[file]);
  return descriptor;
}

function read(file: number, into: Uint8Array, offsetBytes: number): void {
  const descriptor = descriptorOf(file);
  let done = 0;
  while (done < into.length) {
    const readBytes = readSync(descriptor, into, done, into.length - done, offsetBytes + done);
    if (readBytes === 0) throw new Changed(files[file]);
    done += readBytes;
  }
}

let toldBytes = 0;
let doneBytes = 0;
function told(bytes: number): void {
  doneBytes += bytes;
  if (doneBytes - toldBytes < progressEveryBytes) return;
  toldBytes = doneBytes;
  post({ type: 'progress', bytes: doneBytes });
}

function hashFiles(): Uint8Array {
  const sha1s = new Uint8Array(files.length * 20);
  const buffer = Buffer.allocUnsafeSlow(data.pieceBytes);
  for (let file = 0; file < files.length; file++) {
    const size = offsets[file + 1]! - offsets[file]!;
    const whole = new Sha1();
    descriptorOf(file);
    for (let at = 0; at < size; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, size - at));
      read(file, bytes, at);
      whole.update(bytes);
      told(bytes.length);
    }
    sha1s.set(whole.digest(), file * 20);
  }
  return sha1s;
}

function hashPieces(): Uint8Array {
  const pieces = data.pieces ?? Uint32Array.from({ length: Math.ceil(sizeBytes / data.pieceBytes) }, (_, at) => at);
  const sha1s = new Uint8Array(pieces.length * 20);
  const places = Array.from({ length: Math.min(TOGETHER_PIECES, pieces.length) }, () =>
    Buffer.allocUnsafeSlow(data.pieceBytes),
  );
  let file = 0;
  for (let done = 0; done < pieces.length; done += places.length) {
    const parts: Uint8Array[] = [];
    for (const [at, piece] of pieces.subarray(done, done + places.length).entries()) {
      const bytes = places[at]!.subarray(0, Math.min(data.pieceBytes, sizeBytes - piece * data.pieceBytes));
      while (offsets[file + 1]! <= piece * data.pieceBytes) file++;
      readPiece(file, piece, bytes);
      parts.push(bytes);
    }
    for (const [at, sha1] of sha1OfEach(parts).entries()) {
      sha1s.set(sha1, (done + at) * 20);
      told(parts[at]!.length);
    }
  }
  return sha1s;
}

/** Of the file in which the piece begins, and of those behind it. */
function readPiece(file: number, piece: number, into: Uint8Array): void {
  const from = piece * data.pieceBytes;
  for (let at = file, done = 0; done < into.length; at++) {
    const end = Math.min(into.length, offsets[at + 1]! - from);
    if (end > done) read(at, into.subarray(done, end), from + done - offsets[at]!);
    done = Math.max(done, end);
  }
}

try {
  const sha1s = data.want === 'files' ? hashFiles() : hashPieces();
  close();
  post({ type: 'done', sha1s, seen });
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  const path = `${data.root}/${cause instanceof Changed ? message : files[current]}`;
  post(cause instanceof Changed ? { type: 'changed', path } : { type: 'failed', code, message, path });
}
