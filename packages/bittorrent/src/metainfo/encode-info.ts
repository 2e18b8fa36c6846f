import type { BencodeValue } from '../bencode/decode.ts';
import { encodeBencode } from '../bencode/encode.ts';
import { PIECE_BYTES } from '../geometry.ts';
import { fromHex } from '../hex.ts';
import { type Info, MetainfoError } from './info.ts';
import { parseInfo } from './parse-info.ts';

const encoder = new TextEncoder();

/**
 * The canonical info dictionary of a share (docs/spec/metainfo.md). Throws MetainfoError where nobody would accept it:
 * an unsafe name, a limit, files out of order (comparePaths), hashes that don't fit the size.
 */
export function encodeInfo(info: Info): Uint8Array {
  const dictionary = new Map<string, BencodeValue>([
    ['name', encoder.encode(info.name)],
    ['peerage group', fromHex(info.group)],
    ['piece length', PIECE_BYTES],
    ['pieces', info.pieceHashes],
    ['private', 1],
  ]);
  if (info.kind === 'file') {
    dictionary.set('length', info.geometry.sizeBytes);
    dictionary.set('sha1', info.sha1);
  } else {
    dictionary.set(
      'files',
      info.files.map(
        (file) =>
          new Map<string, BencodeValue>([
            ['length', file.sizeBytes],
            ['path', encodePath(file.path)],
            ['sha1', file.sha1],
          ]),
      ),
    );
    if (info.emptyFolders.length > 0) dictionary.set('peerage folders', info.emptyFolders.map(encodePath));
  }
  const bytes = encodeBencode(dictionary);
  // Whoever receives it parses it: what would be refused there must not leave here.
  const sizeBytes = parseInfo(bytes).geometry.sizeBytes;
  if (sizeBytes !== info.geometry.sizeBytes) {
    throw new MetainfoError('protocol', `the files have ${sizeBytes} bytes, the share ${info.geometry.sizeBytes}`);
  }
  return bytes;
}

const encodePath = (path: readonly string[]): Uint8Array[] => path.map((name) => encoder.encode(name));
