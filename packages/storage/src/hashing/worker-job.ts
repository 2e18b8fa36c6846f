import { Worker } from 'node:worker_threads';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { fileFailure } from '../file-failure.ts';
import { StoreError } from '../piece-store.ts';
import type { HashJob, HashPlan, HashResult, HashTurns } from './hash-plan.ts';

/**
 * How much nicer it is where it follows a download: on two processors it would stand in the way of the thread that receives while the other processor idles. It has half as much to do as that
 * one, and with so much it keeps up beside it also where other programs want the processors.
 */
const NICER = 4;

export interface HashWorkerData {
  /** Descriptors are the process's: the thread that opened it keeps it open until this one has ended. */
  readonly descriptor: number;
  readonly sizeBytes: number;
  readonly pieceBytes: number;
  readonly want: HashPlan['want'];
  /** How much nicer than the thread that started it. */
  readonly nicer: number;
  /** One Int32: pieces from the beginning on that may be read; only grows. */
  readonly available: SharedArrayBuffer;
  readonly inTurns: HashTurns | undefined;
}

export type HashMessage =
  | { readonly type: 'progress'; readonly pieces: number }
  | { readonly type: 'done'; readonly sha1s: Uint8Array; readonly pieces: number }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string };

/** Beside this file in the source; beside the program's main file when everything is bundled into one folder. */
const workerUrl = () =>
  new URL(import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './storage-hash-worker.js', import.meta.url);

/** A hash job in a thread of its own, which has ended when the result is there. */
export function startWorkerJob(plan: HashPlan): HashJob {
  const { file, geometry, want, availablePieces, follows = false, inTurns, onProgress, signal } = plan;
  const available = new Int32Array(new SharedArrayBuffer(4));
  available[0] = availablePieces;
  const workerData: HashWorkerData = {
    descriptor: file.descriptor,
    sizeBytes: geometry.sizeBytes,
    pieceBytes: PIECE_BYTES,
    want,
    nicer: follows && process.platform === 'linux' ? NICER : 0, // elsewhere the whole process would go behind all others
    available: available.buffer,
    inTurns,
  };
  const worker = new Worker(workerUrl(), { workerData, execArgv: [], name: `hash ${want}` });
  const outcome = Promise.withResolvers<HashResult>();
  const abort = () => outcome.reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  worker.on('message', (message: HashMessage) => {
    if (message.type === 'progress') onProgress?.(message.pieces);
    else if (message.type === 'done') outcome.resolve({ sha1s: message.sha1s, pieces: message.pieces });
    else outcome.reject(fileFailure(Object.assign(new Error(message.message), { code: message.code }), file.path));
  });
  worker.on('error', (cause) => outcome.reject(cause));
  worker.on('exit', () => outcome.reject(new StoreError('io', `the thread that hashes ${file.path} ended: try again`)));

  const result = outcome.promise.finally(async () => {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  });
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  return {
    result,
    makeAvailable: (pieces) => {
      Atomics.store(available, 0, pieces);
      Atomics.notify(available, 0);
    },
    end: () => {
      outcome.reject(new StoreError('io', `hashing ${file.path} was ended`));
      return settled;
    },
  };
}
