import type { InfoHash } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';
import { type Removed, removeKnownFile, removeKnownFolder } from '@peerage/storage';
import { sourceContent } from '../engine/source-content.ts';
import type { DownloadRow } from '../library/download-rows.ts';
import { readShare } from '../metainfo/read-share.ts';
import { asPeerageError } from '../store-errors.ts';
import type { Client } from './handler.ts';

/**
 * Removes what a finished download put on the disk, and stops offering it first. Only files that are what was fetched go: where the client did not watch
 * over them any more, they are read before.
 */
export async function removeFetched(client: Client, row: DownloadRow, signal: AbortSignal): Promise<Removed> {
  const { library, sharing, fetching, session } = client;
  if (row.folder !== null && row.folder.chosenFiles < row.folder.files) {
    throw new PeerageError(
      'usage',
      `only some files of '${row.name}' were fetched, beside what may be yours: remove them from ${row.destination} yourself`,
    );
  }
  const bytes = library.metainfo.get(row.infoHash);
  if (!bytes) throw new PeerageError('internal', `the metainfo of '${row.name}' is missing in the library`);
  const info = await readShare(row.infoHash as InfoHash, bytes, null);
  const share = library.shares.find(session.required().uid, row.infoHash);
  const isHere = share?.path === row.destination;
  let identity = isHere ? share.identity : '';
  if (isHere) await sharing.remove(share);
  else if (row.folder?.isServed) await fetching.withdraw(row);
  try {
    if (identity === '') {
      const read = await sourceContent(row.destination, info).verify('', { all: true, signal });
      if (read.wrong) throw new PeerageError('file_changed', `${read.wrong.message}; it is left where it is`);
      identity = read.identity;
    }
    return info.kind === 'file'
      ? await removeKnownFile(row.destination, identity)
      : await removeKnownFolder(row.destination, info.files, identity);
  } catch (error) {
    throw asPeerageError(error, 'writing');
  }
}
