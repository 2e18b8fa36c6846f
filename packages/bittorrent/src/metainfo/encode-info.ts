import { BencodeWriter } from '../bencode/bencode-writer.ts';
import { PIECE_BYTES } from '../geometry.ts';
import { fromHex } from '../hex.ts';
import { type Info, MetainfoError, type ShareFile } from './info.ts';
import { parseInfo } from './parse-info.ts';

const encoder = new TextEncoder();

/**
 * The canonical info dictionary of a share (docs/spec/metainfo.md). Throws MetainfoError where nobody would accept it:
 * an unsafe name, a limit, files out of order (comparePaths), hashes that don't fit the size.
 */
export function encodeInfo(info: Info): Uint8Array {
  const writer = new BencodeWriter();
  writer.dictionary();
  if (info.kind === 'file') writeInteger(writer, 'length', info.geometry.sizeBytes);
  else writeFiles(writer, info.files);
  writeBytes(writer, 'name', encoder.encode(info.name));
  if (info.kind === 'folder' && info.emptyFolders.length > 0) {
    writer.key('peerage folders');
    writer.list();
    for (const path of info.emptyFolders) writePath(writer, path);
    writer.end();
  }
  writeBytes(writer, 'peerage group', fromHex(info.group));
  writeInteger(writer, 'piece length', PIECE_BYTES);
  writeBytes(writer, 'pieces', info.pieceHashes);
  writeInteger(writer, 'private', 1);
  if (info.kind === 'file') writeBytes(writer, 'sha1', info.sha1);
  writer.end();

  const bytes = writer.bytes();
  // Whoever receives it parses it: what would be refused there must not leave here.
  const sizeBytes = parseInfo(bytes).geometry.sizeBytes;
  if (sizeBytes !== info.geometry.sizeBytes) {
    throw new MetainfoError('protocol', `the files have ${sizeBytes} bytes, the share ${info.geometry.sizeBytes}`);
  }
  return bytes;
}

function writeFiles(writer: BencodeWriter, files: readonly ShareFile[]): void {
  writer.key('files');
  writer.list();
  for (const file of files) {
    writer.dictionary();
    writeInteger(writer, 'length', file.sizeBytes);
    writer.key('path');
    writePath(writer, file.path);
    writeBytes(writer, 'sha1', file.sha1);
    writer.end();
  }
  writer.end();
}

function writePath(writer: BencodeWriter, path: readonly string[]): void {
  writer.list();
  for (const name of path) writer.byteString(encoder.encode(name));
  writer.end();
}

function writeInteger(writer: BencodeWriter, key: string, value: number): void {
  writer.key(key);
  writer.integer(value);
}

function writeBytes(writer: BencodeWriter, key: string, value: Uint8Array): void {
  writer.key(key);
  writer.byteString(value);
}
