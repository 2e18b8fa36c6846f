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
