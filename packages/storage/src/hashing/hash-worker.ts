import { readSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { HashTurns } from './hash-plan.ts';
import { PieceHashes } from './piece-hashes.ts';
import { sha1OfEach, TOGETHER_PIECES } from './sha1.ts';
import { Sha1Relay } from './sha1-relay.ts';
import type { HashMessage, HashWorkerData } from './worker-job.ts';

/**
 * The thread of one hash job: reads the file piece by piece (from the page cache where it was just written) and hashes. What another thread
 * reads for it lies in the cache of another processor, and takes longer to get than to read. Imports only what hashing needs, so that it starts fast.
 */
const data = workerData as HashWorkerData;
const available = new Int32Array(data.available);
const { pieceBytes, sizeBytes } = data;
const pieceCount = Math.ceil(sizeBytes / pieceBytes);
const PROGRESS_EVERY_PIECES = 64;
/** What two threads read in turns, 8 MiB: with eight pieces they take a twentieth longer, with five a tenth. */
const TURN_PIECES = 16;
/** Pieces alone are hashed side by side. */
const AT_ONCE = data.inTurns ? TURN_PIECES : data.want === 'pieces' ? TOGETHER_PIECES : 1;

const NOTHING = new Uint8Array(0);

const post = (message: HashMessage) => parentPort?.postMessage(message);

function goBehind(): void {
  if (data.nicer === 0) return;
  try {
    setPriority(Math.min(19, getPriority() + data.nicer));
  } catch {
    // A container may forbid it: then it competes with the thread that it follows.
  }
}

/** What there is from this piece on, waiting until that is something: whole pieces, one after the other. None where the file ends early. */
function readFrom(piece: number, buffer: Uint8Array): Uint8Array[] {
  let known = Atomics.load(available, 0);
  for (; known <= piece; known = Atomics.load(available, 0)) Atomics.wait(available, 0, known);
  const offsetBytes = piece * pieceBytes;
  const into = buffer.subarray(0, Math.min(known * pieceBytes, sizeBytes) - offsetBytes);
  let doneBytes = 0;
  while (doneBytes < into.length) {
    const readBytes = readSync(data.descriptor, into, doneBytes, into.length - doneBytes, offsetBytes + doneBytes);
    if (readBytes === 0) break;
    doneBytes += readBytes;
  }
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < into.length && Math.min(at + pieceBytes, into.length) <= doneBytes; at += pieceBytes) {
    pieces.push(into.subarray(at, at + pieceBytes));
  }
  return pieces;
}

function run(): HashMessage {
  const hashes = new PieceHashes(data.want, pieceCount);
  const buffer = Buffer.allocUnsafeSlow(pieceBytes * Math.min(AT_ONCE, pieceCount));
  let done = 0;
  while (done < pieceCount) {
    const pieces = readFrom(done, buffer);
    if (pieces.length === 0) break;
    hashes.add(pieces);
    const told = Math.floor(done / PROGRESS_EVERY_PIECES);
    done += pieces.length;
    if (Math.floor(done / PROGRESS_EVERY_PIECES) > told) post({ type: 'progress', pieces: done });
  }
  return { type: 'done', ...hashes.result() };
}

/** Each part is read and its pieces are hashed before its turn in the whole file's hash comes. */
function runInTurns({ place, threads, relay: memory, sha1s }: HashTurns): HashMessage {
  const relay = new Sha1Relay(memory);
  const results = new Uint8Array(sha1s);
  const buffer = Buffer.allocUnsafeSlow(pieceBytes * AT_ONCE);
  for (let part = place; part * AT_ONCE < pieceCount; part += threads) {
    const first = part * AT_ONCE;
    const pieces = readFrom(first, buffer);
    const isWhole = pieces.length === Math.min(AT_ONCE, pieceCount - first);
    for (const [at, sha1] of sha1OfEach(pieces).entries()) results.set(sha1, (1 + first + at) * sha1.length);
    const whole = isWhole ? relay.take(part, first * pieceBytes) : undefined;
    if (whole === undefined) {
      relay.end(); // the file ends early: the others need not wait
      return { type: 'done', sha1s: NOTHING, pieces: first };
    }
    for (const bytes of pieces) whole.update(bytes);
    const done = first + pieces.length;
    if (done === pieceCount) results.set(whole.digest());
    else relay.give(part + 1, whole);
    post({ type: 'progress', pieces: done });
  }
  return { type: 'done', sha1s: NOTHING, pieces: pieceCount };
}

goBehind();
try {
  post(data.inTurns ? runInTurns(data.inTurns) : run());
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  post({ type: 'failed', code, message });
}
