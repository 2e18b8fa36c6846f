import { basename, dirname, join, resolve } from 'node:path';
import { checkPortableName } from '@peerage/bittorrent';
import { StoreError } from '@peerage/storage';
import { pathInFolder } from '../../../packages/storage/src/safe-path.ts';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';
import { isPortableName } from '../reference/portable-name.ts';

const folder = resolve('/shared/folder');
const words = [
  'con', 'CON', 'Nul', 'aux', 'prn', 'clock$', 'CONIN$', 'conout$', 'com1', 'COM¹', 'lpt0', 'lpt³', '.', '..', '/', '\\', ':', 'c:', ' ', '.txt', '\u061c', '\u200e',
  '\u200f', '\u202a', '\u202e', '\u2066', '\u2069', '\u2028', '\u2029', '\u0085', '\u009f', '\u007f', '\u0000', '\u001f', 'e\u0301', 'é', '\u212a', '\u00df', '\ufeff',
]; // biome-ignore format: a table

/** Names of files: UTF-16 units are made of the input's UTF-8, where `ff xx yy` is any unit, so that lone surrogates occur. */
export const portableName: Decoder = {
  name: 'portable-name',
  words,
  maxBytes: 600,
  seeds: () =>
    [
      'a.txt',
      'déjà vu',
      '\u{1f600}',
      'con1',
      'com',
      '.profile',
      'a b',
      'x:y',
      'ab:c',
      'NULL',
      'com10',
      'n'.repeat(255),
    ].map((name) => Buffer.from(name)),
  mutate: (input, random) =>
    Buffer.concat([
      Buffer.from(random.pick(words)!),
      random.chance(0.7) ? input : Buffer.alloc(0),
      Buffer.from(random.chance(0.5) ? random.pick(words)! : ''),
    ]),
  check(input) {
    const name = nameFrom(input);
    const complaint = checkPortableName(name);
    demand(
      (complaint === undefined) === isPortableName(name),
      `says of ${JSON.stringify(name)}: ${complaint ?? 'portable'}`,
    );
    const path = attempt(
      () => pathInFolder(folder, name),
      (error) => error instanceof StoreError && error.failure === 'unsafe_name',
    );
    demand(
      'refusal' in path === (complaint !== undefined),
      'a path where there is no name, or none where there is one',
    );
    if ('refusal' in path) return refused(complaint!);
    demand(
      path.value === join(folder, name) && dirname(path.value) === folder && basename(path.value) === name,
      'a path outside its folder',
    );
    return accepted();
  },
};

function nameFrom(input: Uint8Array): string {
  const at = input.indexOf(0xff);
  if (at < 0 || at + 2 >= input.length) return Buffer.from(input).toString('utf8');
  const unit = String.fromCharCode((input[at + 1]! << 8) | input[at + 2]!);
  return (
    Buffer.from(input.subarray(0, at)).toString('utf8') + unit + Buffer.from(input.subarray(at + 3)).toString('utf8')
  );
}
