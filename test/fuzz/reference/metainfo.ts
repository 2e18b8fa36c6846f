import { type Reference, referenceBencode } from './bencode.ts';
import { isPortableName } from './portable-name.ts';

/** An info dictionary as docs/spec/metainfo.md describes it, read from a tree and checked rule by rule. Byte strings are latin-1 texts. */
export interface ReferenceInfo {
  readonly name: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly pieces: string;
  readonly sha1: string | undefined;
  readonly files: readonly { readonly path: readonly string[]; readonly sizeBytes: number; readonly sha1: string }[];
  readonly emptyFolders: readonly (readonly string[])[];
}

export class NotMetainfo extends Error {}

const must: (holds: boolean, what: string) => asserts holds = (holds, what) => {
  if (!holds) throw new NotMetainfo(what);
};

/** Throws NotMetainfo or NotCanonical. */
export function referenceInfo(bytes: Uint8Array): ReferenceInfo {
  const { value, counts } = referenceBencode(bytes);
  must(counts.deepest <= 4 && bytes.length <= 64 * 2 ** 20 && counts.tokens <= 4_000_000, 'limits');
  const isFolder = value instanceof Map && value.has('files');
  const optional = isFolder && value.has('peerage folders') ? ['peerage folders'] : [];
  const info = dictionary(value, [
    ...(isFolder ? ['files', 'name', ...optional] : ['length', 'name']),
    'peerage group',
    'piece length',
    'pieces',
    'private',
    ...(isFolder ? [] : ['sha1']),
  ]);
  const files = isFolder ? list(info.get('files')!).map(file) : [];
  const emptyFolders = optional.length > 0 ? list(info.get('peerage folders')!).map(path) : [];
  must(optional.length === 0 || emptyFolders.length > 0, 'an empty list of empty folders');
  const sizeBytes = isFolder ? files.reduce((sum, each) => sum + each.sizeBytes, 0) : size(info.get('length')!);
  must(sizeBytes <= 16 * 2 ** 40, 'size');
  const name = utf8(info.get('name')!);
  must(isPortableName(name), 'name');
  must(info.get('piece length') === 524288 && info.get('private') === 1, 'constants');
  const pieces = text(info.get('pieces')!);
  must(BigInt(pieces.length) === ((BigInt(sizeBytes) + 524287n) / 524288n) * 20n, 'pieces');
  checkTree(
    files.map((each) => each.path),
    emptyFolders,
  );
  return {
    name,
    group: exact(info.get('peerage group')!, 16),
    sizeBytes,
    pieces,
    sha1: isFolder ? undefined : exact(info.get('sha1')!, 20),
    files,
    emptyFolders,
  };
}

/** Every folder as a map of what lies in it: a path may be taken once, below folders that no file and no empty folder is. */
function checkTree(files: readonly string[][], emptyFolders: readonly string[][]): void {
  for (const paths of [files, emptyFolders]) {
    for (let at = 1; at < paths.length; at++) must(inOrder(paths[at - 1]!, paths[at]!), 'order');
  }
  const leaves = new Set<string>();
  const inner = new Set<string>();
  const foldedIn = new Map<string, Map<string, string>>();
  for (const path of [...files, ...emptyFolders]) {
    must(path.length <= 32 && Buffer.byteLength(path.join('/')) <= 1024, 'a deep or long path');
    must(path.every(isPortableName), 'a name in a path');
    path.forEach((name, depth) => {
      const folder = path.slice(0, depth).join('/');
      const siblings = foldedIn.get(folder) ?? new Map<string, string>();
      foldedIn.set(folder, siblings);
      const folded = name.toUpperCase().toLowerCase().normalize('NFC');
      must((siblings.get(folded) ?? name) === name, 'alike but for case');
      siblings.set(folded, name);
      if (depth > 0) inner.add(folder);
    });
    must(!leaves.has(path.join('/')), 'a path twice');
    leaves.add(path.join('/'));
  }
  must(
    [...leaves].every((leaf) => !inner.has(leaf)),
    'a path below a leaf',
  );
}

function inOrder(a: readonly string[], b: readonly string[]): boolean {
  for (let depth = 0; depth < a.length && depth < b.length; depth++) {
    const order = Buffer.compare(Buffer.from(a[depth]!), Buffer.from(b[depth]!));
    if (order !== 0) return order < 0;
  }
  return a.length < b.length;
}

function file(value: Reference) {
  const entry = dictionary(value, ['length', 'path', 'sha1']);
  return { path: path(entry.get('path')!), sizeBytes: size(entry.get('length')!), sha1: exact(entry.get('sha1')!, 20) };
}

function path(value: Reference): string[] {
  const names = list(value).map(utf8);
  must(names.length > 0, 'an empty path');
  return names;
}

function dictionary(value: Reference, keys: readonly string[]): ReadonlyMap<string, Reference> {
  must(value instanceof Map && [...value.keys()].join() === keys.join(), 'keys');
  return value;
}

function list(value: Reference): readonly Reference[] {
  must(Array.isArray(value), 'a list');
  return value;
}

function size(value: Reference): number {
  must(typeof value === 'number' && value >= 0 && value <= 16 * 2 ** 40, 'a size');
  return value;
}

function text(value: Reference): string {
  must(typeof value === 'object' && 'text' in value, 'a byte string');
  return value.text;
}

function exact(value: Reference, bytes: number): string {
  const found = text(value);
  must(found.length === bytes, 'a fixed length');
  return found;
}

function utf8(value: Reference): string {
  const bytes = Buffer.from(text(value), 'latin1');
  must(bytes.equals(Buffer.from(bytes.toString('utf8'))), 'UTF-8');
  return bytes.toString('utf8');
}
