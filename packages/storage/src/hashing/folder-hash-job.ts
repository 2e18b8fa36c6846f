import { Worker } from 'node:worker_threads';
import { PIECE_BYTES } from '@peerage/bittorrent';
import { fileFailure } from '../file-failure.ts';
import type { FileIdentity } from '../file-identity.ts';
import { StoreError } from '../piece-store.ts';

export interface FolderHashWorkerData {
  readonly root: string;
  /** Paths below the root, as on the disk, in the order of their bytes. */
  readonly files: readonly string[];
  /** Where each file begins in the share, and behind the last one the share's size. */
  readonly offsets: Float64Array;
  readonly pieceBytes: number;
  readonly want: 'files' | 'pieces';
  /** Ascending numbers; all where left out. */
  readonly pieces?: Uint32Array;
}

export type FolderHashMessage =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly sha1s: Uint8Array; readonly seen: readonly ({ file: number } & FileIdentity)[] }
  | { readonly type: 'changed'; readonly path: string }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string; readonly path: string };

export interface FolderHashPlan extends Omit<FolderHashWorkerData, 'pieceBytes'> {
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface FolderHashes {
  /** 20 bytes a file, or a piece of those wanted. */
  readonly sha1s: Uint8Array;
  /** What the files that were read were, by number. */
  readonly seen: ReadonlyMap<number, FileIdentity>;
}

/** Beside this file in the source; beside the program's main file when everything is bundled into one folder. */
const workerUrl = () =>
  new URL(
    import.meta.url.endsWith('.ts') ? './folder-hash-worker.ts' : './storage-folder-hash-worker.js',
    import.meta.url,
  );

/** Hashes in a thread of its own, which has ended when this settles. StoreError 'changed' | 'missing' | 'permission' | 'io'; the signal's reason. */
export async function hashInFolder({ onProgress, signal, ...wanted }: FolderHashPlan): Promise<FolderHashes> {
  signal?.throwIfAborted();
  const workerData: FolderHashWorkerData = { ...wanted, pieceBytes: PIECE_BYTES };
  const worker = new Worker(workerUrl(), { workerData, execArgv: [], name: `hash folder ${wanted.want}` });
  const outcome = Promise.withResolvers<FolderHashes>();
  const abort = () => outcome.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  worker.on('message', (message: FolderHashMessage) => {
    if (message.type === 'progress') onProgress?.(message.bytes);
    else if (message.type === 'done') {
      outcome.resolve({ sha1s: message.sha1s, seen: new Map(message.seen.map((seen) => [seen.file, seen])) });
    } else if (message.type === 'changed') {
      outcome.reject(new StoreError('changed', `${message.path} changed while it was read: try again`));
    } else {
      outcome.reject(fileFailure(Object.assign(new Error(message.message), { code: message.code }), message.path));
    }
  });
  worker.on('error', (cause) => outcome.reject(cause));
  worker.on('exit', () =>
    outcome.reject(new StoreError('io', `the thread that hashes ${wanted.root} ended: try again`)),
  );
  try {
    return await outcome.promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
