import { read } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { PieceHashes } from './piece-hashes.ts';
import type { HashMessage, HashWorkerData } from './worker-job.ts';

/**
 * The thread of one hash job: hashes a few pieces while the next ones are read (from the page cache where they were just written) by one of
 * the threads that Node has for files. Imports only what hashing needs, so that it starts fast.
 */
const data = workerData as HashWorkerData;
const available = new Int32Array(data.available);
const { pieceBytes, sizeBytes } = data;
const pieceCount = Math.ceil(sizeBytes / pieceBytes);
const PROGRESS_EVERY_PIECES = 64;
/** Pieces alone are hashed side by side. */
const AT_ONCE = data.want === 'pieces' ? 8 : 4;

const post = (message: HashMessage) => parentPort?.postMessage(message);

function goBehind(): void {
  if (data.nicer === 0) return;
  try {
    setPriority(Math.min(19, getPriority() + data.nicer));
  } catch {
    // A container may forbid it: then it competes with the thread that it follows.
  }
}

const readSome = (into: Uint8Array, offsetBytes: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(data.descriptor, into, 0, into.length, offsetBytes, (error, readBytes) =>
      error ? reject(error) : resolve(readBytes),
    );
  });

/** What there is from this piece on, waiting until that is something: whole pieces, one after the other. Fewer than asked for where the file ends early. */
async function readFrom(piece: number, buffer: Uint8Array): Promise<Uint8Array[]> {
  let known = Atomics.load(available, 0);
  for (; known <= piece; known = Atomics.load(available, 0)) Atomics.wait(available, 0, known);
  const offsetBytes = piece * pieceBytes;
  const into = buffer.subarray(0, Math.min(known * pieceBytes, sizeBytes) - offsetBytes);
  let doneBytes = 0;
  while (doneBytes < into.length) {
    const readBytes = await readSome(into.subarray(doneBytes), offsetBytes + doneBytes);
    if (readBytes === 0) break;
    doneBytes += readBytes;
  }
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < into.length && Math.min(at + pieceBytes, into.length) <= doneBytes; at += pieceBytes) {
    pieces.push(into.subarray(at, at + pieceBytes));
  }
  return pieces;
}

async function run(): Promise<HashMessage> {
  const hashes = new PieceHashes(data.want, pieceCount);
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(pieceBytes * Math.min(AT_ONCE, pieceCount))) as [
    Buffer,
    Buffer,
  ];
  let done = 0;
  let pieces = pieceCount > 0 ? await readFrom(0, buffers[0]) : [];
  while (pieces.length > 0) {
    const next = done + pieces.length;
    buffers.reverse();
    // Only what is there already is read ahead: to wait for more would keep from hashing what was read.
    const isAhead = next < pieceCount && Atomics.load(available, 0) > next;
    const ahead = isAhead ? readFrom(next, buffers[0]) : undefined;
    ahead?.catch(() => undefined); // told below
    hashes.add(pieces);
    if (Math.floor(next / PROGRESS_EVERY_PIECES) > Math.floor(done / PROGRESS_EVERY_PIECES)) {
      post({ type: 'progress', pieces: next });
    }
    done = next;
    pieces = await (ahead ?? (done < pieceCount ? readFrom(done, buffers[0]) : []));
  }
  return { type: 'done', ...hashes.result() };
}

goBehind();
try {
  post(await run());
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  post({ type: 'failed', code, message });
}
