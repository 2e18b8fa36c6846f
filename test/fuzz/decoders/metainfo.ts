import {
  encodeInfo,
  encodeTorrent,
  Geometry,
  type Info,
  MetainfoError,
  parseGroupId,
  parseInfo,
} from '@peerage/bittorrent';
import type { Random } from '@peerage/swarm';
import type { BencodeValue } from '../../../packages/bittorrent/src/bencode/decode.ts';
import { encodeBencode } from '../../../packages/bittorrent/src/bencode/encode.ts';
import { accepted, attempt, type Decoder, demand, refused, sameBytes } from '../decoder.ts';
import { mutateBencode } from '../mutation/bencode.ts';
import { NotCanonical, referenceBencode } from '../reference/bencode.ts';
import { NotMetainfo, type ReferenceInfo, referenceInfo } from '../reference/metainfo.ts';

const group = parseGroupId('000102030405060708090a0b0c0d0eff')!;
const sha1 = Buffer.alloc(20, 0xa5);
const words = [
  'length', 'files', 'name', 'path', 'peerage folders', 'peerage group', 'piece length', 'pieces', 'private', 'sha1', 'source', 'a', 'A', 'b', 'ß', 'ss', 'é',
  'CON', 'aux.txt', 'com¹', '..', '.', 'a/b', 'a\\b', 'c:', 'x.', 'x ', '\u202e', 'n'.repeat(255), 'n'.repeat(256), '6:lengthi0e', '1:a', 'i524288e',
]; // biome-ignore format: a table

const oneFile = (name: string, sizeBytes: number): Info => {
  const geometry = new Geometry(sizeBytes);
  return { kind: 'file', name, group, geometry, pieceHashes: Buffer.alloc(geometry.pieceCount * 20, 7), sha1 };
};

const folder = (
  name: string,
  files: readonly (readonly [string, number])[],
  emptyFolders: readonly string[] = [],
): Info => {
  const geometry = new Geometry(files.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0));
  return {
    kind: 'folder',
    name,
    group,
    geometry,
    pieceHashes: Buffer.alloc(geometry.pieceCount * 20, 9),
    files: files.map(([path, sizeBytes]) => ({ path: path.split('/'), sizeBytes, sha1 })),
    emptyFolders: emptyFolders.map((path) => path.split('/')),
  };
};

const infos = (): Info[] => [
  oneFile('a.txt', 3),
  oneFile('empty', 0),
  oneFile('déjà vu \u{1f600}.bin', 524288),
  oneFile('two pieces', 524289),
  folder(
    'dir',
    [
      ['a', 0],
      ['b/c', 3],
    ],
    ['b/d', 'e'],
  ),
  folder('tree', [
    ['A/x', 1],
    ['A/y/z', 600_000],
    ['B', 2],
    ['é', 0],
  ]),
  folder('bare', []),
  folder('deep', [[Array.from({ length: 32 }, () => 'd').join('/'), 1]]),
  folder('long', [[Array.from({ length: 4 }, () => 'p'.repeat(255)).join('/'), 1]], ['q']),
];

export const metainfo: Decoder = {
  name: 'metainfo',
  words,
  maxBytes: 8192,
  seeds: () => infos().map(encodeInfo),
  mutate: (input, random) => (random.chance(0.25) ? inventedFolder(random) : mutateBencode(input, words, random)),
  check(input) {
    const expected = expectation(input);
    const got = attempt(
      () => parseInfo(input),
      (error) => error instanceof MetainfoError,
    );
    if ('refusal' in got) {
      demand(
        expected === undefined,
        `refuses an info dictionary as the specification wants it: ${got.refusal.message}`,
      );
      return refused(got.refusal.message);
    }
    demand(expected !== undefined, 'accepts what the specification refuses');
    demand(JSON.stringify(plain(got.value)) === JSON.stringify(expected), 'reads other values than the reference');
    demand(sameBytes(encodeInfo(got.value), input), 'encodes to other bytes than it was parsed from');
    return accepted(`accepted ${got.value.kind}`);
  },
};

const fewNames = ['a', 'A', 'b', 'ab', '\u00df', 'SS', 'ss', '\u00e9', 'con', '\uffee', '\u{1f600}'];

/** A folder whose few names meet often: paths below others, twice, alike but for case, mostly in order. */
function inventedFolder(random: Random): Uint8Array {
  const paths = (most: number): string[][] => {
    const some = Array.from({ length: random.below(most) }, () =>
      Array.from({ length: 1 + random.below(3) }, () => random.pick(fewNames.slice(0, 2 + random.below(9)))!),
    );
    const bytes = (path: string[]) => Buffer.from(path.join('\0'));
    return random.chance(0.9) ? some.sort((a, b) => Buffer.compare(bytes(a), bytes(b))) : some;
  };
  const encodedPath = (path: string[]) => path.map((name) => Buffer.from(name));
  const files = paths(5);
  const emptyFolders = paths(3);
  const entries: [string, BencodeValue][] = [
    [
      'files',
      files.map(
        (path) =>
          new Map<string, BencodeValue>([
            ['length', 1],
            ['path', encodedPath(path)],
            ['sha1', sha1],
          ]),
      ),
    ],
    ['name', Buffer.from('dir')],
    ['peerage group', Buffer.from(group, 'hex')],
    ['piece length', 524_288],
    ['pieces', Buffer.alloc(files.length === 0 ? 0 : 20)],
    ['private', 1],
  ];
  if (emptyFolders.length > 0) entries.push(['peerage folders', emptyFolders.map(encodedPath)]);
  return encodeBencode(new Map(entries));
}

/** A `.torrent` export: the announce URL, a line feed, the info dictionary. What any BitTorrent program reads out of it is what went in. */
export const torrent: Decoder = {
  name: 'torrent',
  words: [...words, 'http://127.0.0.1:8080/announce', 'http://[::1]/ä'],
  maxBytes: 8192,
  seeds: () =>
    infos().map((info, at) =>
      Buffer.concat([
        Buffer.from(at % 2 === 0 ? '\n' : `http://tracker-${at}.example:8080/announce\n`),
        encodeInfo(info),
      ]),
    ),
  mutate(input, random) {
    const end = input.indexOf(0x0a) + 1;
    return Buffer.concat([input.subarray(0, end), mutateBencode(input.subarray(end), words, random)]);
  },
  check(input) {
    const end = input.indexOf(0x0a);
    const announce = Buffer.from(input.subarray(0, Math.max(end, 0))).toString('utf8');
    const info = input.subarray(end + 1);
    const got = attempt(
      () => parseInfo(info),
      (error) => error instanceof MetainfoError,
    );
    if ('refusal' in got) return refused(got.refusal.message);
    const exported = encodeTorrent(info, announce === '' ? {} : { announce });
    demand(Buffer.from(exported).includes(Buffer.from(info)), 'does not keep the bytes of the info dictionary');
    const { value } = referenceBencode(exported);
    demand(value instanceof Map, 'exports no dictionary');
    demand([...value.keys()].join() === (announce === '' ? 'info' : 'announce,info'), 'exports other keys');
    const told = value.get('announce') as { readonly text: string } | undefined;
    demand(Buffer.from(told?.text ?? '', 'latin1').toString('utf8') === announce, 'exports another announce URL');
    return accepted(`accepted ${announce === '' ? 'without' : 'with'} announce`);
  },
};

function expectation(input: Uint8Array): ReferenceInfo | undefined {
  try {
    return referenceInfo(input);
  } catch (error) {
    if (error instanceof NotCanonical || error instanceof NotMetainfo) return undefined;
    throw error;
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function plain(info: Info): ReferenceInfo {
  return {
    name: info.name,
    group: Buffer.from(info.group, 'hex').toString('latin1'),
    sizeBytes: info.geometry.sizeBytes,
    pieces: latin1(info.pieceHashes),
    sha1: info.kind === 'file' ? latin1(info.sha1) : undefined,
    files:
      info.kind === 'file'
        ? []
        : info.files.map((file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha1: latin1(file.sha1) })),
    emptyFolders: info.kind === 'file' ? [] : info.emptyFolders,
  };
}
