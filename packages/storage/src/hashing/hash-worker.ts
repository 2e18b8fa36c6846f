import { readSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { PieceRelay } from './piece-relay.ts';
import { Sha1, sha1OfEach, TOGETHER_PIECES } from './sha1.ts';
import type { HashMessage, HashWorkerData } from './worker-job.ts';

/**
 * The thread of one hash job: reads the file piece by piece (from the page cache where it was just written) and hashes. Imports only what
 * hashing needs, so that it starts fast.
 */
const data = workerData as HashWorkerData;
const available = new Int32Array(data.available);
const relay = data.relay && new PieceRelay(data.relay);
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

/** The piece at the beginning of `place`; undefined where the file ends early. */
function readPiece(piece: number, place: Uint8Array): Uint8Array | undefined {
  for (let known = Atomics.load(available, 0); known <= piece; known = Atomics.load(available, 0)) {
    Atomics.wait(available, 0, known);
  }
  const offsetBytes = piece * data.pieceBytes;
  const lengthBytes = Math.min(data.pieceBytes, data.sizeBytes - offsetBytes);
  let done = 0;
  while (done < lengthBytes) {
    const readBytes = readSync(data.descriptor, place, done, lengthBytes - done, offsetBytes + done);
    if (readBytes === 0) return undefined;
    done += readBytes;
  }
  return place.subarray(0, lengthBytes);
}

function told(piece: number): void {
  if ((piece + 1) % progressEveryPieces === 0) post({ type: 'progress', pieces: piece + 1 });
}

function hashWhole(): HashMessage {
  const whole = new Sha1();
  const place = relay ? undefined : Buffer.allocUnsafeSlow(data.pieceBytes);
  for (let piece = 0; piece < pieceCount; piece++) {
    const bytes = place
      ? readPiece(piece, place)
      : relay?.take(piece)?.subarray(0, data.sizeBytes - piece * data.pieceBytes);
    if (bytes === undefined) return { type: 'done', sha1s: new Uint8Array(20), pieces: piece };
    whole.update(bytes);
    relay?.letGo(piece);
    told(piece);
  }
  return { type: 'done', sha1s: whole.digest(), pieces: pieceCount };
}

function hashPieces(): HashMessage {
  const sha1s = new Uint8Array(pieceCount * 20);
  const own = relay ? undefined : Buffer.allocUnsafeSlow(data.pieceBytes * Math.min(TOGETHER_PIECES, pieceCount));
  const placeFor = (piece: number, at: number) =>
    own ? own.subarray(at * data.pieceBytes, (at + 1) * data.pieceBytes) : relay!.placeFor(piece);
  let done = 0;
  let ended = false;
  while (done < pieceCount && !ended) {
    const parts: Uint8Array[] = [];
    while (parts.length < TOGETHER_PIECES && done + parts.length < pieceCount && !ended) {
      const piece = done + parts.length;
      const bytes = readPiece(piece, placeFor(piece, parts.length));
      if (bytes) {
        parts.push(bytes);
        relay?.fill(piece);
      } else {
        ended = true;
        relay?.noMore();
      }
    }
    for (const sha1 of sha1OfEach(parts)) {
      sha1s.set(sha1, done * 20);
      told(done++);
    }
  }
  return { type: 'done', sha1s, pieces: done };
}

goBehind();
try {
  post(data.want === 'file' ? hashWhole() : hashPieces());
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  post({ type: 'failed', code, message });
}
