import { Worker } from 'node:worker_threads';
import { type CommonInfo, Geometry, type GroupId, type InfoHash } from '@peerage/bittorrent';
import { type ErrorCode, PeerageError } from '@peerage/contract/bare';
import { ShareFiles } from '@peerage/storage';
import { type PackedShare, packShare } from './packed-share.ts';

/** What a client works with of a share's metainfo: of a folder its files by number, and which of them are wanted. */
export type ShareInfo = CommonInfo &
  (
    | { readonly kind: 'file'; readonly sha1: Uint8Array }
    | { readonly kind: 'folder'; readonly files: ShareFiles; readonly chosen: Uint8Array }
  );

export interface MetainfoWorkerData {
  readonly id: InfoHash;
  readonly bytes: Uint8Array;
  readonly only: readonly string[] | null;
}

export type FromMetainfoWorker =
  | { readonly share: PackedShare }
  | { readonly refusal: { readonly code: ErrorCode; readonly message: string } };

/** Metainfo up to this size is parsed at once, within some milliseconds; larger goes to a thread, so that nothing waits for it. */
const AT_ONCE_BYTES = 64 * 1024;

/** Beside this file in the source; beside the program's main file when everything is bundled into one folder. */
const workerUrl = () =>
  new URL(import.meta.url.endsWith('.ts') ? './metainfo-worker.ts' : './client-metainfo-worker.js', import.meta.url);

/** What the metainfo of a share says. `only` are the patterns that choose files of a folder, null for all. Rejects with PeerageError. */
export async function readShare(id: InfoHash, bytes: Uint8Array, only: readonly string[] | null): Promise<ShareInfo> {
  const { name, group, sizeBytes, pieceHashes, content } =
    bytes.length > AT_ONCE_BYTES ? await packInThread({ id, bytes, only }) : packShare(id, bytes, only);
  const common = { name, group: group as GroupId, geometry: new Geometry(sizeBytes), pieceHashes };
  if (content.kind === 'file') return { ...common, ...content };
  return { ...common, kind: 'folder', files: new ShareFiles(content.files), chosen: content.chosen };
}

function packInThread(workerData: MetainfoWorkerData): Promise<PackedShare> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl(), { workerData, name: 'metainfo' });
    worker.on('message', (message: FromMetainfoWorker) => {
      if ('share' in message) resolve(message.share);
      else reject(new PeerageError(message.refusal.code, message.refusal.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread that reads metainfo ended without an answer')));
  });
}
