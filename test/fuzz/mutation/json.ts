import type { Random } from '@peerage/swarm';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const edgeNumbers = [0, -1, 1, 1.5, 80, 1023, 1024, 65_535, 65_536, 2 ** 31, 2 ** 53, 1e308];
const edgeValues: readonly Json[] = [
  ...edgeNumbers,
  null,
  true,
  false,
  '',
  'x',
  'x'.repeat(65),
  'x'.repeat(300),
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  '\u202e',
  '..',
  '__proto__',
  [],
  {},
  [[[[[[]]]]]],
  'ff'.repeat(16),
  'FF'.repeat(16),
  'ff'.repeat(20),
  'ff'.repeat(32),
  'ff'.repeat(64),
];

/** One change to a JSON text: of a value, a key, an order, a key too many, or one that comes twice. Text that is no JSON stays as it is. */
export function mutateJson(text: string, words: readonly string[], random: Random): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  if (random.chance(0.1)) return doubleKey(text, random);
  if (random.chance(0.1) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return JSON.stringify({ ...value, [random.pick(words) ?? 'extra']: random.pick(edgeValues)! });
  }
  const box: { root: Json } = { root: value };
  const places: { holder: Json[] | { [key: string]: Json }; key: string | number }[] = [];
  collect(box as unknown as { [key: string]: Json }, places);
  const { holder, key } = random.pick(places)!;
  const slots = holder as { [key: string | number]: Json };
  const old = slots[key]!;
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (typeof old === 'object' && old !== null && !Array.isArray(old))
        old[random.pick(words) ?? 'extra'] = random.pick(edgeValues)!;
      else if (Array.isArray(old))
        for (let count = random.below(12); count >= 0; count--) old.push(structuredClone(old[0] ?? null));
      else slots[key] = changed(old, random);
      break;
    case 2:
      slots[key] = random.pick(edgeValues)!;
      break;
    case 3: {
      const from = random.pick(places)!;
      slots[key] = structuredClone((from.holder as { [key: string | number]: Json })[from.key]!);
      break;
    }
    default:
      slots[key] = changed(old, random);
  }
  return JSON.stringify(box.root) ?? 'null';
}

function changed(value: Json, random: Random): Json {
  if (typeof value === 'number') {
    if (random.chance(0.3)) return random.pick([0, -1, 2 ** 53])!; // the bounds of most
    return random.chance(0.6) ? random.pick(edgeNumbers)! : value + random.below(3) - 1;
  }
  if (typeof value !== 'string') return random.pick(edgeValues)!;
  const at = random.below(value.length + 1);
  const odd = random.pick(['0', 'f', 'g', 'A', ' ', '\n', '~', '\u0000', 'é', '\u202e', '\ud83d'])!;
  return random.chance(0.5)
    ? value.slice(0, at) + value.slice(at + 1)
    : value.slice(0, at) + odd + value.slice(at + random.below(2));
}

function collect(value: Json, into: { holder: Json[] | { [key: string]: Json }; key: string | number }[]): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    into.push({ holder: value, key });
    collect((value as { [key: string | number]: Json })[key]!, into);
  }
}

/** A member of an object written twice, the second time perhaps with another value. */
function doubleKey(text: string, random: Random): string {
  const members = [...text.matchAll(/"[A-Za-z_]+":(?:"[^"]*"|-?\d+|true|false|null)/g)];
  const member = random.pick(members);
  if (member === undefined) return text;
  const again = random.chance(0.5)
    ? member[0]
    : `${member[0].split(':')[0]}:${JSON.stringify(random.pick(edgeValues))}`;
  return `${text.slice(0, member.index)}${again},${text.slice(member.index)}`;
}
