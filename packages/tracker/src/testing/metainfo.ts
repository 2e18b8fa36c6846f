import { createHash, randomBytes } from 'node:crypto';
import { encodeInfo, Geometry, parseGroupId } from '@peerage/bittorrent';

/** Metainfo of a one-piece file with random content. */
export function testMetainfo(group: string, name: string): Uint8Array {
  const content = randomBytes(100);
  const sha1 = createHash('sha1').update(content).digest();
  return encodeInfo({
    kind: 'file',
    name,
    group: parseGroupId(group)!,
    geometry: new Geometry(content.length),
    pieceHashes: new Uint8Array(sha1),
    sha1: new Uint8Array(sha1),
  });
}

/** Metainfo of a folder with `files` files of one byte; from about 1,000 files on, a thread parses it. */
export function testFolder(group: string, name: string, files: number): Uint8Array {
  const sha1 = new Uint8Array(createHash('sha1').update('x').digest());
  return encodeInfo({
    kind: 'folder',
    name,
    group: parseGroupId(group)!,
    geometry: new Geometry(files),
    pieceHashes: sha1,
    files: Array.from({ length: files }, (_, n) => ({ path: [String(n).padStart(6, '0')], sizeBytes: 1, sha1 })),
    emptyFolders: [],
  });
}
