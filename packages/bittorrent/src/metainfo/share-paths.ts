import { checkPortableName, foldName } from '../names/portable-name.ts';
import { METAINFO_LIMITS, MetainfoError } from './info.ts';

type Path = readonly string[];

const encoder = new TextEncoder();

/** The order of paths in a folder share: component by component, each by its UTF-8 bytes; a folder's entries follow one another. */
export function comparePaths(a: Path, b: Path): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const order = compareUtf8(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As their UTF-8 bytes compare. UTF-16 units compare so too, but for a surrogate against U+E000-U+FFFF. */
function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const leftIsPair = left >= 0xd800 && left <= 0xdfff;
    const rightIsPair = right >= 0xd800 && right <= 0xdfff;
    return leftIsPair === rightIsPair ? left - right : leftIsPair ? 1 : -1;
  }
  return a.length - b.length;
}

/**
 * Refuses a folder share whose paths are no tree that every system can hold: unsafe names, too deep, too long, not in order, twice,
 * below a file or below a folder listed as empty, or alike but for case. Throws MetainfoError.
 */
export function checkSharePaths(files: readonly Path[], emptyFolders: readonly Path[]): void {
  if (files.length + emptyFolders.length > METAINFO_LIMITS.entries) {
    throw new MetainfoError('limit', `a folder share has at most ${METAINFO_LIMITS.entries} files and empty folders`);
  }
  checkOrder(files, 'files');
  checkOrder(emptyFolders, 'empty folders');
  const tree = new OrderedTree();
  let file = 0;
  let folder = 0;
  while (file < files.length || folder < emptyFolders.length) {
    const nextFile = files[file];
    const nextFolder = emptyFolders[folder];
    const takeFile = nextFolder === undefined || (nextFile !== undefined && comparePaths(nextFile, nextFolder) <= 0);
    tree.add(takeFile ? nextFile! : nextFolder!);
    if (takeFile) file++;
    else folder++;
  }
}

function checkOrder(paths: readonly Path[], what: string): void {
  for (let at = 1; at < paths.length; at++) {
    const order = comparePaths(paths[at - 1]!, paths[at]!);
    if (order === 0)
      throw new MetainfoError('protocol', `the ${what} of a folder share name ${shown(paths[at]!)} twice`);
    if (order > 0)
      throw new MetainfoError('protocol', `the ${what} of a folder share are not in order at ${shown(paths[at]!)}`);
  }
}

/**
 * Paths that come in order walk a tree depth first, so only the chain of folders above the last path is kept.
 * Always true: `#siblings[i]` holds the folded names seen so far in the folder `#last.slice(0, i)`; it is as long as `#last`.
 */
class OrderedTree {
  #last: Path = [];
  readonly #siblings: Set<string>[] = [];

  add(path: Path): void {
    let shared = 0;
    while (shared < path.length && shared < this.#last.length && path[shared] === this.#last[shared]) shared++;
    if (shared === path.length) throw new MetainfoError('protocol', `a folder share names ${shown(path)} twice`);
    if (shared === this.#last.length && shared > 0) {
      throw new MetainfoError('protocol', `${shown(path)} lies below a file or an empty folder`);
    }
    checkSize(path);
    this.#siblings.length = Math.min(this.#siblings.length, shared + 1);
    for (let depth = shared; depth < path.length; depth++) {
      const name = path[depth]!;
      const complaint = checkPortableName(name);
      if (complaint !== undefined) throw new MetainfoError('unsafe_name', `a name in ${shown(path)} ${complaint}`);
      const siblings = this.#siblings[depth] ?? new Set<string>();
      this.#siblings[depth] = siblings;
      const folded = foldName(name);
      if (siblings.has(folded)) {
        throw new MetainfoError(
          'unsafe_name',
          `${shown(path.slice(0, depth + 1))} differs from another name only in case`,
        );
      }
      siblings.add(folded);
    }
    this.#last = path;
  }
}

function checkSize(path: Path): void {
  if (path.length > METAINFO_LIMITS.pathDepth) {
    throw new MetainfoError('limit', `${shown(path)} is more than ${METAINFO_LIMITS.pathDepth} names deep`);
  }
  if (encoder.encode(path.join('/')).length > METAINFO_LIMITS.pathBytes) {
    throw new MetainfoError('limit', `${shown(path)} is longer than ${METAINFO_LIMITS.pathBytes} bytes`);
  }
}

/** A path from outside in a message: quoted, so that control characters show as escapes, and short. */
export function shown(path: Path): string {
  const text = path.slice(0, METAINFO_LIMITS.pathDepth).join('/');
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}
