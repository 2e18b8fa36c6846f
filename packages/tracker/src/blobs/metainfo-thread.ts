import { Worker } from 'node:worker_threads';
import { type ErrorCode, PeerageError } from '@peerage/contract';
import { blobLimits } from '../limits.ts';
import { type MetainfoSummary, summarize } from './metainfo-summary.ts';

export type FromMetainfoWorker =
  | { readonly summary: MetainfoSummary }
  | { readonly refusal: { readonly code: ErrorCode; readonly message: string } };

/** The worker's entry, from source and in the packed form, where it lies beside main.js. */
const workerEntry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './metainfo-worker.ts' : './tracker-metainfo-worker.js', import.meta.url);

/** Parses metainfo of `blobBytes` without holding up the thread that serves requests; one large file at a time. */
export class MetainfoParser {
  #lastLarge: Promise<unknown> = Promise.resolve();

  async parse(path: string, blobBytes: number): Promise<MetainfoSummary> {
    if (blobBytes <= blobLimits.parsedAtOnceBytes) return summarize(path);
    const turn = this.#lastLarge.then(() => parseInThread(path));
    this.#lastLarge = turn.catch(() => undefined); // the refusal is the caller's
    return turn;
  }
}

function parseInThread(path: string): Promise<MetainfoSummary> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerEntry(), {
      workerData: path,
      resourceLimits: { maxOldGenerationSizeMb: blobLimits.parseHeapBytes / 2 ** 20 },
    });
    const tooLong = setTimeout(() => void worker.terminate(), blobLimits.parseMs);
    worker.on('message', (message: FromMetainfoWorker) => {
      if ('summary' in message) resolve(message.summary);
      else reject(new PeerageError(message.refusal.code, message.refusal.message));
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(isTooLarge ? new PeerageError('limit', 'the metainfo needs more memory than is allowed') : error);
    });
    worker.on('exit', () => {
      clearTimeout(tooLong);
      reject(new PeerageError('limit', 'the metainfo takes longer to read than is allowed'));
    });
  });
}
