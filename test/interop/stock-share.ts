import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  encodeInfo,
  encodeTorrent,
  Geometry,
  type InfoHash,
  infoHashOf,
  PIECE_BYTES,
  parseGroupId,
} from '@peerage/bittorrent';
import { hashFile, hashFolder } from '@peerage/storage';
import { AnnounceServer } from '../../scripts/drive/stock/announce-server.ts';
import { sha1Of } from '../support/team.ts';

const group = parseGroupId('0123456789abcdef0123456789abcdef')!;
/** Several pieces, the last one of one byte. */
const FILE_BYTES = 12 * PIECE_BYTES + 1;
/** Pieces across the borders of files, a file of no bytes, one shorter than a block, a last piece of one byte. */
const FOLDER_FILES: Record<string, number> = {
  'empty.txt': 0,
  'one/first.bin': PIECE_BYTES + 300_000,
  'one/second.txt': 1000,
  'two/three/third.bin': 3 * PIECE_BYTES - 301_000 + 1,
};

/** One share of ours, exported for stock clients, with a tracker of its own. */
export interface StockShare {
  readonly name: string;
  /** The complete file or folder. */
  readonly path: string;
  /** Of what is shared, as the engine wants it. */
  readonly identity: string;
  readonly info: Uint8Array;
  readonly infoHash: InfoHash;
  readonly torrent: string;
  readonly tracker: AnnounceServer;
}

/** `folder`: empty, or not there yet. */
export async function makeShare(
  kind: 'file' | 'folder',
  name: string,
  folder: string,
  trackerHost: string,
): Promise<StockShare> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const { info, identity } = kind === 'file' ? await makeFile(name, path) : await makeFolder(name, path);
  const infoHash = infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest());
  const tracker = await AnnounceServer.start(trackerHost);
  const torrent = join(folder, `${name}.torrent`);
  writeFileSync(torrent, encodeTorrent(info, { announce: tracker.url }));
  return { name, path, identity, info, infoHash, torrent, tracker };
}

/** The files below `path`, or the file itself, with their SHA-1. Without those of no bytes, which Transmission does not make. */
export async function contentOf(path: string): Promise<Record<string, string>> {
  if (statSync(path).isFile()) return { '': await sha1Of(path) };
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => {
    const found = statSync(join(path, name));
    return found.isFile() && found.size > 0;
  });
  return Object.fromEntries(await Promise.all(files.map(async (name) => [name, await sha1Of(join(path, name))])));
}

async function makeFile(name: string, path: string): Promise<{ info: Uint8Array; identity: string }> {
  writeFileSync(path, randomBytes(FILE_BYTES));
  const { sizeBytes, pieceHashes, sha1, identity } = await hashFile(path);
  const info = encodeInfo({ kind: 'file', name, group, geometry: new Geometry(sizeBytes), pieceHashes, sha1 });
  return { info, identity: JSON.stringify(identity) };
}

async function makeFolder(name: string, path: string): Promise<{ info: Uint8Array; identity: string }> {
  for (const [file, sizeBytes] of Object.entries(FOLDER_FILES)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), randomBytes(sizeBytes));
  }
  mkdirSync(join(path, 'nothing in it'));
  const { geometry, pieceHashes, files, emptyFolders, identity } = await hashFolder(path);
  const info = encodeInfo({ kind: 'folder', name, group, geometry, pieceHashes, files, emptyFolders });
  return { info, identity };
}
