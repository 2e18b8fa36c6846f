import { createHash } from 'node:crypto';
import { checkPortableName, foldName } from '@peerage/bittorrent';

const MAX_NAME_BYTES = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const FORBIDDEN = /[/\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u0000-\u001f]/gu;
/** What only Windows and its file systems lack (docs/spec/metainfo.md, "Names"). */
const WINDOWS_ONLY = /[<>:"|?*]/g;

/** The names that the entries of one folder are shared under, in their order: as they are where every system can hold them. */
export function portableNames(names: readonly string[]): string[] {
  return withoutDoubles(names, names.map(portableName));
}

/** The names that the entries of one folder get on a disk that lacks what Windows lacks. */
export function windowsNames(names: readonly string[]): string[] {
  return withoutDoubles(
    names,
    names.map((name) => name.replace(WINDOWS_ONLY, '_')),
  );
}

export const needsWindowsName = (name: string): boolean => name.search(WINDOWS_ONLY) !== -1;

function portableName(name: string): string {
  const composed = name.normalize('NFC');
  if (checkPortableName(composed) === undefined) return composed;
  const plain = composed
    .toWellFormed()
    .replace(FORBIDDEN, '_')
    .replace(/[. ]+$/, (ending) => '_'.repeat(ending.length))
    .replace(/^([a-z]):/i, '$1_');
  for (const candidate of [plain, `_${plain}`, marked(plain, name)]) {
    if (checkPortableName(candidate) === undefined) return candidate;
  }
  return marked('name', name);
}

/** Two names that are one on systems that ignore case: all but the first get a mark. */
function withoutDoubles(originals: readonly string[], names: readonly string[]): string[] {
  // Those that stay as they are go before those that have to be changed anyhow.
  const order = names.map((_, at) => at).sort((a, b) => changed(a) - changed(b) || a - b);
  function changed(at: number): number {
    return names[at] === originals[at] ? 0 : 1;
  }
  const taken = new Set<string>();
  const given: string[] = [];
  for (const at of order) {
    let name = names[at]!;
    for (let round = 0; taken.has(foldName(name)); round++) name = marked(names[at]!, `${originals[at]} ${round}`);
    taken.add(foldName(name));
    given[at] = name;
  }
  return given;
}

/** With a mark before its ending that follows from the original name, so that it is the same every time. */
function marked(name: string, original: string): string {
  const mark = `~${createHash('sha256').update(original).digest('hex').slice(0, 4)}`;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let stem = name.slice(0, name.length - ending.length);
  while (Buffer.byteLength(stem + mark + ending) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  return stem + mark + ending;
}
