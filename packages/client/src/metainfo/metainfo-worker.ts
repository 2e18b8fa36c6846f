import { parentPort, workerData } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract/bare';
import { packShare } from './packed-share.ts';
import type { FromMetainfoWorker, MetainfoWorkerData } from './read-share.ts';

/** The thread that parses one large metainfo. */
const { id, bytes, only } = workerData as MetainfoWorkerData;
const say = (message: FromMetainfoWorker): void => parentPort?.postMessage(message);
try {
  say({ share: packShare(id, bytes, only) });
} catch (error) {
  if (!(error instanceof PeerageError)) throw error;
  say({ refusal: { code: error.code, message: error.message } });
}
