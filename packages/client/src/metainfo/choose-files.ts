import { PeerageError } from '@peerage/contract/bare';
import type { ShareFiles } from '@peerage/storage';
import { globMatcher } from './glob.ts';

/**
 * Which files patterns choose: 1 for each that one of them names by its path, by a folder above it, or by a glob (glob.ts). A pattern without
 * a slash is looked for in every folder. Null: all. PeerageError 'usage' for a pattern that is none.
 */
export function chooseFiles(files: ShareFiles, patterns: readonly string[] | null): Uint8Array {
  const chosen = new Uint8Array(files.count);
  if (patterns === null) return chosen.fill(1);
  const matchers = patterns.map(matcherOf);
  for (let file = 0; file < files.count; file++) {
    const path = files.path(file);
    if (matchers.some((matches) => matches(path))) chosen[file] = 1;
  }
  return chosen;
}

function matcherOf(typed: string): (path: string) => boolean {
  const pattern = typed
    .normalize('NFC')
    .replace(/^(\.?\/)+/, '')
    .replace(/\/+$/, '');
  if (pattern === '') return () => false;
  const below = `${pattern}/`;
  const anywhere = pattern.includes('/') ? pattern : `**/${pattern}`;
  const matches = globMatcher(`${anywhere}/**`);
  if (matches === undefined) {
    throw new PeerageError('usage', `the pattern '${typed}' has too many alternatives: give several with --only`);
  }
  return (path) => path === pattern || path.startsWith(below) || matches(path);
}
