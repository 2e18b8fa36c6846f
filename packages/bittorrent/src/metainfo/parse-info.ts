import { BencodeError, BencodeReader } from '../bencode/bencode-reader.ts';
import { Geometry, PIECE_BYTES } from '../geometry.ts';
import { toHex } from '../hex.ts';
import type { GroupId } from '../ids.ts';
import { checkPortableName } from '../names/portable-name.ts';
import { type Info, METAINFO_LIMITS, MetainfoError, SHA1_BYTES, type ShareFile } from './info.ts';
import { checkSharePaths, shown } from './share-paths.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What a canonical info dictionary (docs/spec/metainfo.md) says. The result's byte arrays are views of `bytes`.
 * Throws MetainfoError for everything that is not byte for byte what `encodeInfo` makes of the result.
 */
export function parseInfo(bytes: Uint8Array): Info {
  try {
    return readInfo(
      new BencodeReader(bytes, { maxBytes: METAINFO_LIMITS.infoBytes, maxTokens: METAINFO_LIMITS.tokens, maxDepth: 4 }),
    );
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    const code = error.reason === 'limit' ? 'limit' : 'protocol';
    throw new MetainfoError(code, `the metainfo is not canonical bencoding: ${error.message}`, { cause: error });
  }
}

function readInfo(reader: BencodeReader): Info {
  reader.enterDictionary();
  const first = reader.key();
  const kind = first === 'length' ? 'file' : first === 'files' ? 'folder' : wrongKey(first, 'files');
  const sizeBytes = kind === 'file' ? size(reader) : 0;
  const files = kind === 'folder' ? readList(reader, readFile) : [];
  expectKey(reader, 'name');
  const name = text(reader);
  const complaint = checkPortableName(name);
  if (complaint !== undefined) throw new MetainfoError('unsafe_name', `the name ${shown([name])} ${complaint}`);
  let key = reader.key();
  let emptyFolders: string[][] = [];
  if (kind === 'folder' && key === 'peerage folders') {
    emptyFolders = readList(reader, readPath);
    if (emptyFolders.length === 0) throw new MetainfoError('protocol', 'a list of empty folders with none in it');
    key = reader.key();
  }
  if (key !== 'peerage group') wrongKey(key, 'peerage group');
  const group = toHex(exactBytes(reader, 16, 'the group')) as GroupId;
  expectKey(reader, 'piece length');
  if (reader.integer() !== PIECE_BYTES) throw new MetainfoError('protocol', `pieces must have ${PIECE_BYTES} bytes`);
  expectKey(reader, 'pieces');
  const pieceHashes = reader.byteString();
  expectKey(reader, 'private');
  if (reader.integer() !== 1) throw new MetainfoError('protocol', 'private must be 1');
  const sha1 = kind === 'file' ? readSha1(reader) : undefined;
  if (!reader.leaveAtEnd()) wrongKey(reader.key(), 'the end');
  reader.finish();

  checkSharePaths(
    files.map((file) => file.path),
    emptyFolders,
  );
  const geometry = new Geometry(files.reduce(addSize, sizeBytes));
  if (pieceHashes.length !== geometry.pieceCount * SHA1_BYTES) {
    throw new MetainfoError(
      'protocol',
      `${pieceHashes.length} bytes of piece hashes, a share of ${geometry.sizeBytes} bytes has ${geometry.pieceCount * SHA1_BYTES}`,
    );
  }
  const common = { name, group, geometry, pieceHashes };
  return sha1 === undefined ? { kind: 'folder', ...common, files, emptyFolders } : { kind: 'file', ...common, sha1 };
}

function readList<Item>(reader: BencodeReader, readItem: (reader: BencodeReader) => Item): Item[] {
  const items: Item[] = [];
  reader.enterList();
  while (!reader.leaveAtEnd()) {
    if (items.length === METAINFO_LIMITS.entries) {
      throw new MetainfoError('limit', `a folder share has at most ${METAINFO_LIMITS.entries} files and empty folders`);
    }
    items.push(readItem(reader));
  }
  return items;
}

function readFile(reader: BencodeReader): ShareFile {
  reader.enterDictionary();
  expectKey(reader, 'length');
  const sizeBytes = size(reader);
  expectKey(reader, 'path');
  const path = readPath(reader);
  const sha1 = readSha1(reader);
  if (!reader.leaveAtEnd()) wrongKey(reader.key(), 'the end of a file');
  return { path, sizeBytes, sha1 };
}

function readPath(reader: BencodeReader): string[] {
  const path: string[] = [];
  reader.enterList();
  while (!reader.leaveAtEnd()) {
    path.push(text(reader));
    if (path.length > METAINFO_LIMITS.pathDepth) {
      throw new MetainfoError('limit', `${shown(path)} is more than ${METAINFO_LIMITS.pathDepth} names deep`);
    }
  }
  if (path.length === 0) throw new MetainfoError('protocol', 'a path without a name');
  return path;
}

function readSha1(reader: BencodeReader): Uint8Array {
  expectKey(reader, 'sha1');
  return exactBytes(reader, SHA1_BYTES, 'a SHA-1');
}

function size(reader: BencodeReader): number {
  const bytes = reader.integer();
  if (bytes < 0) throw new MetainfoError('protocol', 'a length below zero');
  return addSize(0, { sizeBytes: bytes });
}

function addSize(sum: number, file: { readonly sizeBytes: number }): number {
  if (sum + file.sizeBytes > METAINFO_LIMITS.shareBytes) throw new MetainfoError('limit', 'a share has at most 16 TiB');
  return sum + file.sizeBytes;
}

function text(reader: BencodeReader): string {
  const bytes = reader.byteString();
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new MetainfoError('unsafe_name', 'a name that is not UTF-8', { cause: error });
  }
}

function exactBytes(reader: BencodeReader, count: number, what: string): Uint8Array {
  const bytes = reader.byteString();
  if (bytes.length !== count) throw new MetainfoError('protocol', `${what} has ${count} bytes, not ${bytes.length}`);
  return bytes;
}

function expectKey(reader: BencodeReader, expected: string): void {
  const key = reader.key();
  if (key !== expected) wrongKey(key, expected);
}

function wrongKey(key: string, expected: string): never {
  throw new MetainfoError('protocol', `the metainfo has ${shown([key])} where ${shown([expected])} must be`);
}
