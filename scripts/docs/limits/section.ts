import type { Rate } from '../../../packages/tracker/src/limits.ts';

type Value = number | readonly number[] | Rate;
/** What a number bounds, and what happens beyond it. */
export type Words<T> = { readonly [K in keyof T]: readonly [what: string, beyond: string] };

/** A section of the page: every number of a table, in the order of the words. */
export function section<const T extends object>(title: string, source: string, table: T, words: Words<T>): string {
  const rows = Object.entries<readonly [string, string]>(words).map(
    ([key, [what, beyond]]) =>
      `| ${what} | ${shown(key, (table as Readonly<Record<string, Value>>)[key]!)} | ${beyond} |`,
  );
  return `## ${title}\n\n\`${source}\`\n\n| what | limit | beyond |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** A value in the unit that its key names. */
function shown(key: string, value: Value): string {
  if (typeof value === 'object' && 'atOnce' in value) {
    return `${count(value.atOnce)} at once, then one every ${time(value.everyMs)}`;
  }
  if (typeof value === 'object') return value.map((each) => shown(key, each)).join(', ');
  if (key.endsWith('Ms')) return time(value);
  if (key.endsWith('Bytes') || key.includes('BytesPer')) return size(value);
  if (key.endsWith('PerSecond')) return `${count(value)} a second`;
  return key.endsWith('Share') ? `${Math.round(value * 100)} %` : count(value);
}

const count = (value: number): string => value.toLocaleString('en-US');

function time(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const [unitMs, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1_000, 's'];
  return `${ms / unitMs} ${unit}`;
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && value % 1024 === 0) [value, unit] = [value / 1024, unit + 1];
  return `${count(value)} ${units[unit]}`;
}

/** What a bound says where more ends the connection. */
export const closed = 'the connection is closed';
