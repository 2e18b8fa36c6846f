import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Geometry, PIECE_BYTES } from '../geometry.ts';
import { parseGroupId } from '../ids.ts';
import { encodeInfo } from './encode-info.ts';
import {
  type FileInfo,
  type FolderInfo,
  type Info,
  infoHashOf,
  MetainfoError,
  pieceHash,
  type ShareFile,
} from './info.ts';
import { parseInfo } from './parse-info.ts';
import { comparePaths } from './share-paths.ts';
import { encodeTorrent } from './torrent-file.ts';

const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha1').update(bytes).digest());
const bytes = (latin1: string): Uint8Array => new Uint8Array(Buffer.from(latin1, 'latin1'));

const GROUP = '13:peerage group16:0123456789abcdef';
const PIECES = '12:piece lengthi524288e6:pieces';
const HASH = '20:AAAAAAAAAAAAAAAAAAAA';
const TAIL = '7:privatei1e';
const group = parseGroupId(Buffer.from('0123456789abcdef').toString('hex'))!;

const FILE = `d6:lengthi3e4:name5:a.txt${GROUP}${PIECES}${HASH}${TAIL}4:sha1${HASH}e`;
const file: FileInfo = {
  kind: 'file',
  name: 'a.txt',
  group,
  geometry: new Geometry(3),
  pieceHashes: bytes('A'.repeat(20)),
  sha1: bytes('A'.repeat(20)),
};

const entry = (length: string, path: string): string => `d6:lengthi${length}e4:pathl${path}e4:sha1${HASH}e`;
const folderText = (files: string, folders: string, hashes = HASH): string =>
  `d5:filesl${files}e4:name3:dir${folders === '' ? '' : `15:peerage foldersl${folders}e`}${GROUP}${PIECES}${hashes}${TAIL}e`;
const FOLDER = folderText(entry('0', '1:a') + entry('3', '1:b1:c'), 'l1:b1:del1:ee');
const folder: FolderInfo = {
  kind: 'folder',
  name: 'dir',
  group,
  geometry: new Geometry(3),
  pieceHashes: bytes('A'.repeat(20)),
  files: [
    { path: ['a'], sizeBytes: 0, sha1: bytes('A'.repeat(20)) },
    { path: ['b', 'c'], sizeBytes: 3, sha1: bytes('A'.repeat(20)) },
  ],
  emptyFolders: [['b', 'd'], ['e']],
};

describe('the examples of the specification', () => {
  test.each<[string, string, Info, string]>([
    ['a file', FILE, file, '89a65d8d31451d7ce1a2161704b501322437f19e'],
    ['a folder', FOLDER, folder, '02a94f2049b75d8cfcdeb05e5793d2f0874ff0df'],
  ])('%s', (_, text, info, hash) => {
    expect(Buffer.from(encodeInfo(info)).toString('latin1')).toBe(text);
    expect(parseInfo(bytes(text))).toEqual(info);
    expect(infoHashOf(bytes(text), sha1)).toBe(hash);
  });

  test('a name that begins with a byte order mark keeps it', () => {
    const marked: Info = { ...file, name: '\ufeffa' };
    expect(parseInfo(encodeInfo(marked))).toEqual(marked);
  });

  test('an empty file and an empty folder', () => {
    const emptyFile: Info = { ...file, geometry: new Geometry(0), pieceHashes: bytes('') };
    expect(Buffer.from(encodeInfo(emptyFile)).toString('latin1')).toBe(
      `d6:lengthi0e4:name5:a.txt${GROUP}${PIECES}0:${TAIL}4:sha1${HASH}e`,
    );
    expect(parseInfo(bytes(folderText('', '', '0:')))).toMatchObject({ kind: 'folder', files: [], emptyFolders: [] });
  });
});

describe('refused', () => {
  const swap = (from: string, to: string, text = FILE): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  const name = (text: string): string => swap('5:a.txt', `${Buffer.byteLength(text, 'latin1')}:${text}`);
  const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  test.each<[string, string, MetainfoError['code'], string]>([
    ['nothing', '', 'protocol', 'not canonical bencoding'],
    ['no dictionary', 'i1e', 'protocol', 'a dictionary is expected'],
    ['a .torrent around it', `d4:info${FILE}e`, 'protocol', 'has "info" where "files" must be'],
    ['trailing bytes', `${FILE}e`, 'protocol', 'bytes follow the value'],
    ['cut off', FILE.slice(0, -1), 'protocol', 'cut off'],
    ['an unknown key', swap('4:sha1', '6:source1:x4:sha1').replace('7:private', '7:private'), 'protocol', '"source"'],
    ['a key after the last', `${FILE.slice(0, -1)}1:zi1ee`, 'protocol', 'has "z" where "the end" must be'],
    ['a key twice', swap('4:name5:a.txt', '4:name5:a.txt4:name5:a.txt'), 'protocol', 'a key comes twice'],
    ['keys not sorted', swap(`${PIECES}${HASH}${TAIL}`, `${TAIL}${PIECES}${HASH}`), 'protocol', '"private"'],
    ['no name', swap('4:name5:a.txt', ''), 'protocol', '"name" must be'],
    ['no group', swap(GROUP, ''), 'protocol', '"peerage group" must be'],
    [
      'a group of 15 bytes',
      swap('16:0123456789abcdef', '15:0123456789abcde'),
      'protocol',
      'the group has 16 bytes, not 15',
    ],
    ['no private', swap(TAIL, ''), 'protocol', '"private" must be'],
    ['private = 0', swap('7:privatei1e', '7:privatei0e'), 'protocol', 'private must be 1'],
    ['pieces of 256 KiB', swap('524288', '262144'), 'protocol', 'pieces must have 524288 bytes'],
    ['no sha1', swap(`4:sha1${HASH}`, ''), 'protocol', 'a byte string is expected'],
    [
      'sha1 of 19 bytes',
      swap(`4:sha1${HASH}`, `4:sha119:${'A'.repeat(19)}`),
      'protocol',
      'a SHA-1 has 20 bytes, not 19',
    ],
    ['a length below zero', swap('i3e', 'i-3e'), 'protocol', 'a length below zero'],
    ['a length with a leading zero', swap('i3e', 'i03e'), 'protocol', 'a number begins with zero'],
    ['a length above 16 TiB', swap('i3e', `i${16 * 2 ** 40 + 1}e`), 'limit', 'a share has at most 16 TiB'],
    ['a hash too few', swap('i3e', `i${PIECE_BYTES + 1}e`), 'protocol', 'has 40'],
    ['a hash too many', swap('i3e', 'i0e'), 'protocol', 'has 0'],
    [
      'hashes of 21 bytes',
      swap(`6:pieces${HASH}`, `6:pieces21:${'A'.repeat(21)}`),
      'protocol',
      '21 bytes of piece hashes',
    ],
    ['files and length', swap('6:lengthi3e', '5:filesle6:lengthi3e'), 'protocol', '"length" where "name"'],
    [
      'empty folders of a file',
      swap(GROUP, `15:peerage foldersll1:aee${GROUP}`),
      'protocol',
      '"peerage folders" where "peerage group"',
    ],
    ['a name that is not UTF-8', name('\xff'), 'unsafe_name', 'not UTF-8'],
    ['a name with an overlong slash', name('\xc0\xaf'), 'unsafe_name', 'not UTF-8'],
    ['a name with an encoded surrogate', name('\xed\xa0\x80'), 'unsafe_name', 'not UTF-8'],
    ['a name with a way out', name('../../etc/passwd'), 'unsafe_name', 'the name "../../etc/passwd" contains a slash'],
    [
      'a name with an escape sequence',
      name('\x1b[2J'),
      'unsafe_name',
      'the name "\\u001b[2J" contains a control character',
    ],
    ['a name not in form C', name(utf8('a\u0308')), 'unsafe_name', 'normal form C'],
    ['a device', name('nul.txt'), 'unsafe_name', 'device'],
    ['an empty name', name(''), 'unsafe_name', 'is empty'],
    [
      'a folder: an empty list of empty folders',
      folderText('', 'x', '0:').replace('lxe', 'le'),
      'protocol',
      'with none in it',
    ],
    ['a folder: a path without a name', folderText(entry('3', ''), ''), 'protocol', 'a path without a name'],
    [
      'a folder: a path that is a text',
      folderText(entry('3', '').replace('pathle', 'path1:a'), ''),
      'protocol',
      'a list is expected',
    ],
    ['a folder: a way out', folderText(entry('3', '2:..1:a'), ''), 'unsafe_name', '"../a" names a folder above'],
    ['a folder: a way out of an empty folder', folderText('', 'l2:..e', '0:'), 'unsafe_name', 'names a folder above'],
    ['a folder: a slash inside a name', folderText(entry('3', '3:a/b'), ''), 'unsafe_name', 'slash'],
    ['a folder: one path twice', folderText(entry('0', '1:a') + entry('3', '1:a'), ''), 'protocol', 'twice'],
    ['a folder: not in order', folderText(entry('0', '1:b') + entry('3', '1:a'), ''), 'protocol', 'not in order'],
    [
      'a folder: a file as folder',
      folderText(entry('0', '1:a') + entry('3', '1:a1:b'), ''),
      'protocol',
      'lies below a file',
    ],
    ['a folder: an empty folder with a file', folderText(entry('3', '1:a1:b'), 'l1:ae'), 'protocol', 'lies below'],
    [
      'a folder: empty folders not in order',
      folderText('', 'l1:bel1:ae', '0:'),
      'protocol',
      'empty folders of a folder share are not in order',
    ],
    ['a folder: an empty folder twice', folderText('', 'l1:ael1:ae', '0:'), 'protocol', 'twice'],
    ['a folder: an empty folder that is a file', folderText(entry('3', '1:a'), 'l1:ae'), 'protocol', 'twice'],
    [
      'a folder: names alike but for case',
      folderText(entry('0', '1:A') + entry('3', '1:a'), ''),
      'unsafe_name',
      'only in case',
    ],
    [
      'a folder: folders alike but for case',
      folderText(entry('0', '1:A1:x') + entry('3', '1:a1:y'), ''),
      'unsafe_name',
      'only in case',
    ],
    ['a folder: an empty folder alike', folderText(entry('3', '1:a'), 'l1:Ae'), 'unsafe_name', 'only in case'],
    ['a folder: names too deep', folderText(entry('3', '1:a'.repeat(33)), ''), 'limit', 'more than 32 names deep'],
    [
      'a folder: a path too long',
      folderText(entry('3', `200:${'a'.repeat(200)}`.repeat(6)), ''),
      'limit',
      'longer than 1024 bytes',
    ],
    [
      'a folder: sizes that add up above 16 TiB',
      folderText(entry(String(16 * 2 ** 40), '1:a') + entry('1', '1:b'), ''),
      'limit',
      'at most 16 TiB',
    ],
    [
      'a folder: sizes that add up above 2^53',
      folderText(entry('9007199254740991', '1:a') + entry('9007199254740991', '1:b'), ''),
      'limit',
      'at most 16 TiB',
    ],
    ['a folder: a sha1 of its own', `${FOLDER.slice(0, -1)}4:sha1${HASH}e`, 'protocol', '"sha1" where "the end"'],
    ['a folder: attributes', FOLDER.replace('d6:length', 'd4:attr1:p6:length'), 'protocol', '"attr" where "length"'],
  ])('%s', (_, text, code, message) => {
    expect(() => parseInfo(bytes(text))).toThrowError(
      expect.objectContaining({ name: 'MetainfoError', code, message: expect.stringContaining(message) }),
    );
  });

  test('200,001 files', () => {
    const many = Array.from({ length: 200_001 }, (_, at) => entry('0', `6:${100_000 + at}`)).join('');
    expect(() => parseInfo(bytes(folderText(many, '', '0:')))).toThrowError(
      expect.objectContaining({ code: 'limit', message: 'a folder share has at most 200000 files and empty folders' }),
    );
  });

  test('200,000 files and an empty folder', () => {
    const files = Array.from({ length: 200_000 }, (_, at) => entry('0', `6:${100_000 + at}`)).join('');
    expect(parseInfo(bytes(folderText(files, '', '0:')))).toMatchObject({ kind: 'folder' });
    expect(() => parseInfo(bytes(folderText(files, 'l1:ae', '0:')))).toThrowError(
      expect.objectContaining({ code: 'limit' }),
    );
  });

  test('more than 64 MiB, before anything is read', () => {
    const large = new Uint8Array(64 * 1024 * 1024 + 1);
    expect(() => parseInfo(large)).toThrowError(expect.objectContaining({ code: 'limit' }));
  });
});

test('what others would refuse is not encoded', () => {
  expect(() => encodeInfo({ ...file, name: 'nul' })).toThrow(MetainfoError);
  expect(() => encodeInfo({ ...file, pieceHashes: bytes('') })).toThrow(MetainfoError);
  expect(() => encodeInfo({ ...folder, files: folder.files.toReversed() })).toThrow(MetainfoError);
  expect(() => encodeInfo({ ...folder, geometry: new Geometry(4) })).toThrow('the files have 3 bytes, the share 4');
});

const anyHash = fc.uint8Array({ minLength: 20, maxLength: 20 });
const anyName = fc
  .stringMatching(/^[a-zäß日][a-z0-9äß日 ]{0,6}[a-z0-9]$/u)
  .filter((name) => !/^(com|lpt)[0-9]$/.test(name));
const anyCommon = { name: anyName, group: fc.constant(group) };
const hashes = (sizeBytes: number): Uint8Array => sha1(bytes(String(sizeBytes))).slice(0, 20);
const pieceHashesFor = (sizeBytes: number): Uint8Array =>
  new Uint8Array(Buffer.concat(Array.from({ length: Math.ceil(sizeBytes / PIECE_BYTES) }, () => hashes(sizeBytes))));

const anyFile: fc.Arbitrary<FileInfo> = fc
  .record({ ...anyCommon, sizeBytes: fc.nat({ max: 4 * PIECE_BYTES }), sha1: anyHash })
  .map(({ sizeBytes, ...rest }) => ({
    kind: 'file',
    ...rest,
    geometry: new Geometry(sizeBytes),
    pieceHashes: pieceHashesFor(sizeBytes),
  }));

/** A tree of paths where every second name of a folder is in upper case only if no twin exists: made by keeping what fits. */
const anyFolder: fc.Arbitrary<FolderInfo> = fc
  .record({
    ...anyCommon,
    files: fc.uniqueArray(
      fc.record({
        path: fc.array(anyName, { minLength: 1, maxLength: 4 }),
        sizeBytes: fc.nat({ max: PIECE_BYTES }),
        sha1: anyHash,
      }),
      { maxLength: 8, selector: (file) => file.path[0]! },
    ),
    folders: fc.uniqueArray(fc.array(anyName, { minLength: 1, maxLength: 3 }), {
      maxLength: 3,
      selector: (path) => path[0]!,
    }),
  })
  .map(({ files, folders, ...rest }) => {
    const tops = new Set(files.map((file) => file.path[0]!.toUpperCase()));
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const inOrder = (a: ShareFile, b: ShareFile): number => comparePaths(a.path, b.path);
    return {
      kind: 'folder' as const,
      ...rest,
      geometry: new Geometry(sizeBytes),
      pieceHashes: pieceHashesFor(sizeBytes),
      files: files.toSorted(inOrder),
      emptyFolders: folders.filter((path) => !tops.has(path[0]!.toUpperCase())).toSorted(comparePaths),
    };
  })
  .filter((info) => {
    const tops = [...info.files.map((file) => file.path[0]!), ...info.emptyFolders.map((path) => path[0]!)];
    return new Set(tops.map((name) => name.toUpperCase())).size === tops.length;
  });

test('every share comes back from its metainfo', () => {
  fc.assert(
    fc.property(fc.oneof(anyFile, anyFolder), (info) => {
      const encoded = encodeInfo(info);
      const parsed = parseInfo(encoded);
      expect(parsed).toEqual(info);
      for (const piece of parsed.geometry.pieces()) {
        expect(pieceHash(parsed, piece)).toEqual(info.pieceHashes.slice(piece * 20, piece * 20 + 20));
        expect(pieceHash(parsed, piece).buffer).toBe(encoded.buffer);
      }
    }),
    { numRuns: 300 },
  );
});

test('changed bytes are refused with MetainfoError, or are the one metainfo of another share', () => {
  const change = fc.oneof(
    fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: fc.uint8Array({ maxLength: 3 }) }),
    fc.record({
      at: fc.nat(),
      remove: fc.constant(1),
      insert: fc.constantFrom(...'0129eild:').map((text) => bytes(text)),
    }),
  );
  fc.assert(
    fc.property(fc.oneof(anyFile, anyFolder), fc.array(change, { minLength: 1, maxLength: 3 }), (info, changes) => {
      let changed = encodeInfo(info);
      for (const { at, remove, insert } of changes) {
        const from = at % changed.length;
        changed = new Uint8Array(Buffer.concat([changed.subarray(0, from), insert, changed.subarray(from + remove)]));
      }
      let parsed: Info;
      try {
        parsed = parseInfo(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(MetainfoError);
        return;
      }
      expect(encodeInfo(parsed)).toEqual(changed);
    }),
    { numRuns: 2000 },
  );
});

test('a .torrent file holds the same bytes, in canonical order', () => {
  expect(Buffer.from(encodeTorrent(bytes(FILE))).toString('latin1')).toBe(`d4:info${FILE}e`);
  const announced = encodeTorrent(bytes(FILE), { announce: 'https://tracker.example/ä' });
  expect(Buffer.from(announced).toString('latin1')).toBe(
    `d8:announce26:${Buffer.from('https://tracker.example/ä').toString('latin1')}4:info${FILE}e`,
  );
});
