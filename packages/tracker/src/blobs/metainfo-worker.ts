import { parentPort, workerData } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import { summarize } from './metainfo-summary.ts';
import type { FromMetainfoWorker } from './metainfo-thread.ts';

/** The thread that parses one large metainfo file, so that nobody's requests wait for it. */
const say = (message: FromMetainfoWorker): void => parentPort?.postMessage(message);
try {
  say({ summary: summarize(workerData as string) });
} catch (error) {
  if (!(error instanceof PeerageError)) throw error;
  say({ refusal: error.toJSON() });
}
