import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodeInfo,
  encodeTorrent,
  Geometry,
  type InfoHash,
  infoHashOf,
  PIECE_BYTES,
  parseGroupId,
} from '@peerage/bittorrent';
import { hashFile } from '@peerage/storage';
import { AnnounceServer } from '../../scripts/drive/stock/announce-server.ts';

const group = parseGroupId('0123456789abcdef0123456789abcdef')!;
/** Several pieces, the last one of one byte. */
const SHARE_BYTES = 12 * PIECE_BYTES + 1;

/** One share of ours, exported for stock clients, with a tracker of its own. */
export interface StockShare {
  readonly name: string;
  /** The complete file. */
  readonly path: string;
  readonly sha1: string;
  /** Of the file, as the engine wants it. */
  readonly identity: string;
  readonly info: Uint8Array;
  readonly infoHash: InfoHash;
  readonly torrent: string;
  readonly tracker: AnnounceServer;
}

/** `folder`: empty, or not there yet. */
export async function makeShare(name: string, folder: string, trackerHost: string): Promise<StockShare> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, randomBytes(SHARE_BYTES));
  const { sizeBytes, pieceHashes, sha1, identity: found } = await hashFile(path);
  const info = encodeInfo({ kind: 'file', name, group, geometry: new Geometry(sizeBytes), pieceHashes, sha1 });
  const infoHash = infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest());
  const identity = JSON.stringify(found);
  const tracker = await AnnounceServer.start(trackerHost);
  const torrent = join(folder, `${name}.torrent`);
  writeFileSync(torrent, encodeTorrent(info, { announce: tracker.url }));
  return { name, path, sha1: Buffer.from(sha1).toString('hex'), identity, info, infoHash, torrent, tracker };
}
