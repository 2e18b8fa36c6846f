import { pieceHash } from '@peerage/bittorrent';
import { checkStored, StoreError } from '@peerage/storage';
import type { ShareInfo } from '../metainfo/read-share.ts';
import type { Share } from './share.ts';
import type { OpenedFetch } from './share-ports.ts';

/** So often what a disk damaged is fetched again at the end of a download. */
export const MOST_MENDED = 3;

/**
 * Reads all that a download has stored, and loses the pieces that are wrong: opened anew it fetches them again. Nothing is served or
 * fetched from now on. Rejects with StoreError. Where the signal ends it, it is of the pieces looked at by then.
 */
export async function loseWrong(
  share: Share,
  info: ShareInfo,
  { store, check, lose }: OpenedFetch,
  signal: AbortSignal,
): Promise<{ readonly pieces: number; readonly wrongPieces: number }> {
  await share.stopSwarm('the download is being verified');
  share.setPhase('verifying');
  await check.close(); // it gives no names any more to what may be wrong
  const haveBytes = share.snapshot().doneBytes;
  const { pieces, wrong } = await checkStored(store, (piece) => pieceHash(info, piece), {
    signal,
    onProgress: (doneBytes) => share.tellVerifying(doneBytes, haveBytes),
  });
  for (const piece of wrong) await lose(piece);
  return { pieces, wrongPieces: wrong.length };
}

export const forgetful = (path: string): StoreError =>
  new StoreError(
    'io',
    `${path}: the disk gave back other bytes than were written to it, ${MOST_MENDED + 1} times: check the disk, and that no other program writes there, or choose another destination`,
  );
