import { createHash } from 'node:crypto';
import { type FileInfo, type InfoHash, infoHashOf, MetainfoError, parseInfo } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';

/** What the metainfo of a share says. PeerageError where it is another share's, no metainfo, or of a folder. */
export function fileInfo(id: InfoHash, bytes: Uint8Array): FileInfo {
  try {
    if (infoHashOf(bytes, (all) => createHash('sha1').update(all).digest()) !== id) {
      throw new PeerageError('integrity', 'the metainfo does not belong to this share: its SHA-1 is another one');
    }
    const info = parseInfo(bytes);
    if (info.kind !== 'file') throw new PeerageError('not_yet', 'folders can not be shared or fetched yet');
    return info;
  } catch (error) {
    throw error instanceof MetainfoError ? new PeerageError(error.code, error.message) : error;
  }
}
