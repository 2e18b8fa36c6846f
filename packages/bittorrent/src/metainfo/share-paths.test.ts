import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MetainfoError } from './info.ts';
import { checkSharePaths, comparePaths } from './share-paths.ts';

test('paths compare as the UTF-8 bytes of their components', () => {
  const character = fc.constantFrom(
    'a',
    'b',
    '\x7f',
    'ä',
    '日',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
  );
  const anyPath = fc.array(fc.string({ unit: character, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(anyPath, anyPath, (a, b) => {
      let expected = 0;
      for (let at = 0; at < Math.min(a.length, b.length) && expected === 0; at++) {
        expected = Buffer.compare(Buffer.from(a[at]!), Buffer.from(b[at]!));
      }
      expect(Math.sign(comparePaths(a, b))).toBe(expected !== 0 ? expected : Math.sign(a.length - b.length));
    }),
    { numRuns: 2000 },
  );
  expect(comparePaths(['\uffff'], ['\u{10000}'])).toBeLessThan(0);
  // A component ends before any of its bytes: "a" and what lies in it come before "a b".
  expect(comparePaths(['a', 'z'], ['a b'])).toBeLessThan(0);
});

/** The rule said plainly, on all paths at once: what a file system that ignores case would hold. */
function holdsEverywhere(files: readonly string[][], emptyFolders: readonly string[][]): boolean {
  const kinds = new Map<string, { readonly name: string; readonly kind: 'file' | 'empty' | 'folder' }>();
  for (const [paths, kind] of [
    [files, 'file'],
    [emptyFolders, 'empty'],
  ] as const) {
    for (const path of paths) {
      for (let length = 1; length <= path.length; length++) {
        const name = path.slice(0, length).join('/');
        const known = kinds.get(name.toLowerCase());
        const now = length === path.length ? kind : 'folder';
        if (known !== undefined && (known.name !== name || known.kind !== 'folder' || now !== 'folder')) return false;
        kinds.set(name.toLowerCase(), { name, kind: now });
      }
    }
  }
  return true;
}

test('a share is accepted exactly when every system can hold its tree', () => {
  const paths = fc.array(fc.array(fc.constantFrom('a', 'A', 'b', 'c d', 'c'), { minLength: 1, maxLength: 3 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(paths, paths, (some, others) => {
      const files = some.toSorted(comparePaths);
      const emptyFolders = others.toSorted(comparePaths);
      const check = (): void => checkSharePaths(files, emptyFolders);
      if (holdsEverywhere(files, emptyFolders)) check();
      else expect(check).toThrow(MetainfoError);
    }),
    { numRuns: 20000 },
  );
});
