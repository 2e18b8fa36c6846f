import { createHash, hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { HashMessage, HashWorkerData } from './worker-job.ts';

/**
 * The thread of one hash job: reads the file piece by piece (from the page cache where it was just written) and hashes. Imports
 * nothing of the project but types, so that it starts fast and bundles to one file.
 */
const data = workerData as HashWorkerData;
const available = new Int32Array(data.available);
const buffer = Buffer.allocUnsafeSlow(data.pieceBytes);
const pieceCount = Math.ceil(data.sizeBytes / data.pieceBytes);
const progressEveryPieces = 64;

const post = (message: HashMessage) => parentPort?.postMessage(message);

function goBehind(): void {
  if (data.nicer === 0) return;
  try {
    setPriority(Math.min(19, getPriority() + data.nicer));
  } catch {
    // A container may forbid it: then it competes with the thread that it follows.
  }
}

function readPiece(piece: number): Uint8Array {
  const offsetBytes = piece * data.pieceBytes;
  const lengthBytes = Math.min(data.pieceBytes, data.sizeBytes - offsetBytes);
  let done = 0;
  while (done < lengthBytes) {
    const readBytes = readSync(data.descriptor, buffer, done, lengthBytes - done, offsetBytes + done);
    if (readBytes === 0) break;
    done += readBytes;
  }
  return buffer.subarray(0, done);
}

function run(): HashMessage {
  const whole = data.want === 'file' ? createHash('sha1') : undefined;
  const sha1s = new Uint8Array(whole ? 20 : pieceCount * 20);
  for (let piece = 0; piece < pieceCount; piece++) {
    for (let known = Atomics.load(available, 0); known <= piece; known = Atomics.load(available, 0)) {
      Atomics.wait(available, 0, known);
    }
    const bytes = readPiece(piece);
    if (bytes.length < Math.min(data.pieceBytes, data.sizeBytes - piece * data.pieceBytes)) {
      return { type: 'done', sha1s, pieces: piece };
    }
    if (whole) whole.update(bytes);
    else sha1s.set(hash('sha1', bytes, 'buffer'), piece * 20);
    if ((piece + 1) % progressEveryPieces === 0) post({ type: 'progress', pieces: piece + 1 });
  }
  if (whole) sha1s.set(whole.digest());
  return { type: 'done', sha1s, pieces: pieceCount };
}

goBehind();
try {
  post(run());
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  post({ type: 'failed', code, message });
}
