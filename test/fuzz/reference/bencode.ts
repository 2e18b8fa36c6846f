/** Bencoding (BEP 3, docs/spec/metainfo.md "Encoding") read the slow way: recursion over a latin-1 text. Shares nothing with the decoder. */
export type Reference = number | { readonly text: string } | readonly Reference[] | ReadonlyMap<string, Reference>;

export class NotCanonical extends Error {}

interface Counts {
  tokens: number;
  deepest: number;
}

/** The value of canonical bencoding; throws NotCanonical. `counts` are of the whole value. */
export function referenceBencode(bytes: Uint8Array): { readonly value: Reference; readonly counts: Counts } {
  const text = Buffer.from(bytes).toString('latin1');
  const counts = { tokens: 0, deepest: 0 };
  const [value, rest] = read(text, 0, 0, counts);
  if (rest !== text.length) throw new NotCanonical('bytes behind the value');
  return { value, counts };
}

function read(text: string, at: number, depth: number, counts: Counts): [Reference, number] {
  counts.tokens++;
  // Deeper than any limit in use; keeps this recursion within the stack.
  if (depth > 1000) throw new NotCanonical('too deep');
  if (text[at] === 'i') {
    const [all, digits] = match(/i(0|-?[1-9][0-9]*)e/y, text, at);
    const value = BigInt(digits!);
    if (value > 2n ** 53n - 1n || value < 1n - 2n ** 53n) throw new NotCanonical('a number too large');
    return [Number(value), at + all!.length];
  }
  if (text[at] === 'l') {
    counts.deepest = Math.max(counts.deepest, depth + 1);
    const list: Reference[] = [];
    let next = at + 1;
    while (text[next] !== 'e') {
      const [item, after] = read(text, next, depth + 1, counts);
      list.push(item);
      next = after;
    }
    return [list, next + 1];
  }
  if (text[at] === 'd') {
    counts.deepest = Math.max(counts.deepest, depth + 1);
    const entries: [string, Reference][] = [];
    let next = at + 1;
    while (text[next] !== 'e') {
      counts.tokens++;
      const [key, after] = readText(text, next);
      if (key.length > 255) throw new NotCanonical('a long key');
      const [value, end] = read(text, after, depth + 1, counts);
      entries.push([key, value]);
      next = end;
    }
    const keys = entries.map(([key]) => key);
    if (new Set(keys).size !== keys.length) throw new NotCanonical('a key twice');
    const sorted = keys.toSorted();
    if (keys.some((key, place) => key !== sorted[place])) throw new NotCanonical('keys out of order');
    return [new Map(entries), next + 1];
  }
  const [value, next] = readText(text, at);
  return [{ text: value }, next];
}

function readText(text: string, at: number): [string, number] {
  const [all, digits] = match(/(0|[1-9][0-9]{0,15}):/y, text, at);
  const from = at + all!.length;
  if (from + Number(digits) > text.length) throw new NotCanonical('cut off');
  return [text.slice(from, from + Number(digits)), from + Number(digits)];
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) throw new NotCanonical('no value here');
  return found;
}
