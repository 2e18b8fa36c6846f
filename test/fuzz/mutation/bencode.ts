import type { Random } from '@peerage/swarm';
import { edgeNumber, mutateBytes } from './bytes.ts';

/** A loose tree: dictionaries keep order and doubles, numbers are digits as written, so that every wrong form can be written too. */
type Tree = { digits: string } | { bytes: Buffer } | { list: Tree[] } | { entries: [Buffer, Tree][] };

/** One change to a bencoded value that leaves the rest well-formed; input that is no bencoding stays as it is. */
export function mutateBencode(input: Uint8Array, words: readonly string[], random: Random): Uint8Array {
  const parsed = parse(Buffer.from(input), 0);
  if (parsed === undefined) return input;
  const nodes: Tree[] = [];
  collect(parsed.tree, nodes);
  change(random.pick(nodes)!, nodes, words, random);
  return Buffer.concat([write(parsed.tree), input.subarray(parsed.next)]);
}

function change(node: Tree, nodes: readonly Tree[], words: readonly string[], random: Random): void {
  if ('digits' in node) {
    const known = words.filter((word) => /^i.*e$/.test(word));
    node.digits = random.chance(0.3)
      ? (random.pick(known)?.slice(1, -1) ?? '1')
      : random.chance(0.7)
        ? edgeNumber(node.digits, random)
        : Buffer.from(mutateBytes(Buffer.from(node.digits), Buffer.from('7'), ['0', '-', '9'], random)).toString(
            'latin1',
          );
  } else if ('bytes' in node) {
    const other = nodes.find((each) => 'bytes' in each && each !== node && random.chance(0.3));
    node.bytes = random.chance(0.1)
      ? Buffer.from(random.pick(words) ?? '')
      : Buffer.from(
          mutateBytes(node.bytes, other !== undefined && 'bytes' in other ? other.bytes : node.bytes, words, random),
        );
  } else if ('list' in node) changeItems(node.list, () => copy(random.pick(nodes)!), random);
  else if (random.chance(0.5))
    changeItems(node.entries, () => [keyFrom(words, random), copy(random.pick(nodes)!)], random);
  else {
    const entry = random.pick(node.entries);
    if (entry === undefined) return;
    if (random.chance(0.5)) entry[0] = keyFrom(words, random);
    else entry[0] = Buffer.from(mutateBytes(entry[0], entry[0], words, random));
  }
}

function changeItems<Item>(items: Item[], make: () => Item, random: Random): void {
  const at = random.below(items.length + 1);
  const from = random.below(items.length);
  switch (random.below(5)) {
    case 0:
      items.splice(at, 1);
      return;
    case 1:
      items.splice(at, 0, make());
      return;
    case 2:
      if (items.length > 0) items.splice(at, 0, structuredCopy(items[from]!));
      return;
    case 3:
      if (items.length > 1) items.splice(at, 0, ...items.splice(from, 1));
      return;
    default:
      for (let count = random.below(40); items.length > 0 && count > 0; count--)
        items.push(structuredCopy(items[from]!));
  }
}

const structuredCopy = <Item>(item: Item): Item =>
  (Array.isArray(item) ? [item[0], copy(item[1] as Tree)] : copy(item as Tree)) as Item;

const keyFrom = (words: readonly string[], random: Random): Buffer => Buffer.from(random.pick(words) ?? 'k');

function collect(tree: Tree, into: Tree[]): void {
  into.push(tree);
  if ('list' in tree) for (const item of tree.list) collect(item, into);
  if ('entries' in tree) for (const [, value] of tree.entries) collect(value, into);
}

function copy(tree: Tree): Tree {
  if ('list' in tree) return { list: tree.list.map(copy) };
  if ('entries' in tree) return { entries: tree.entries.map(([key, value]) => [key, copy(value)]) };
  return { ...tree };
}

function write(tree: Tree): Buffer {
  if ('digits' in tree) return Buffer.from(`i${tree.digits}e`, 'latin1');
  if ('bytes' in tree) return string(tree.bytes);
  if ('list' in tree) return Buffer.concat([Buffer.from('l'), ...tree.list.map(write), Buffer.from('e')]);
  const entries = tree.entries.map(([key, value]) => Buffer.concat([string(key), write(value)]));
  return Buffer.concat([Buffer.from('d'), ...entries, Buffer.from('e')]);
}

const string = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);

function parse(bytes: Buffer, at: number, depth = 0): { tree: Tree; next: number } | undefined {
  const letter = String.fromCharCode(bytes[at] ?? 0);
  if (depth > 50) return undefined;
  if (letter === 'i') {
    const end = bytes.indexOf('e', at);
    return end < 0 ? undefined : { tree: { digits: bytes.toString('latin1', at + 1, end) }, next: end + 1 };
  }
  if (letter >= '0' && letter <= '9') {
    const colon = bytes.indexOf(':', at);
    const length = Number(bytes.toString('latin1', at, Math.min(colon, at + 8)));
    if (colon < 0 || !Number.isInteger(length) || colon + 1 + length > bytes.length) return undefined;
    const next = colon + 1 + length;
    return { tree: { bytes: bytes.subarray(colon + 1, next) }, next };
  }
  if (letter !== 'l' && letter !== 'd') return undefined;
  const items: Tree[] = [];
  let next = at + 1;
  while (bytes[next] !== 0x65) {
    const item = parse(bytes, next, depth + 1);
    if (item === undefined) return undefined;
    items.push(item.tree);
    next = item.next;
  }
  if (letter === 'l') return { tree: { list: items }, next: next + 1 };
  const entries: [Buffer, Tree][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const key = items[index]!;
    entries.push(['bytes' in key ? key.bytes : Buffer.from('k'), items[index + 1]!]);
  }
  return { tree: { entries }, next: next + 1 };
}
