/** Sizes, rates and times in the reader's own locale. */
const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const number = new Intl.NumberFormat();
const formats = new Map<string, Intl.NumberFormat>();

function inUnit(value: number, unit: string, digits = 0, unitDisplay: 'short' | 'narrow' = 'short'): string {
  const key = `${unit}.${digits}.${unitDisplay}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(undefined, {
      style: 'unit',
      unit,
      unitDisplay,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return format.format(value);
}

function decimal(count: number, per: '' | '-per-second'): string {
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return inUnit(value, `${units[power - 1]!}${per}`, value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** Decimal units (1 MB = 10^6 bytes), three significant digits. Every locale has its own word for a single byte, and none is as short. */
export const bytes = (count: number): string =>
  count < 1000 ? `${number.format(Math.round(count))} B` : decimal(count, '');

export function rate(bytesPerSecond: number): string {
  if (bytesPerSecond < 1) return '–';
  return bytesPerSecond < 1000 ? `${bytes(bytesPerSecond)}/s` : decimal(bytesPerSecond, '-per-second');
}

const percentFormat = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
/** Never rounds up to 100 % what is not complete. */
export const percent = (done: number, size: number): string =>
  percentFormat.format(size === 0 ? 1 : Math.floor((done / size) * 1000) / 1000);

export const count = (value: number): string => number.format(value);

const copiesFormat = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** Whole copies among the connected peers, and the part of the next one. */
export const copies = (available: number | null): string => (available === null ? '–' : copiesFormat.format(available));

const spans = [
  { beyond: 86_400, large: 'day', small: 'hour' },
  { beyond: 3600, large: 'hour', small: 'minute' },
  { beyond: 60, large: 'minute', small: 'second' },
] as const;
const secondsIn = { day: 86_400, hour: 3600, minute: 60, second: 1 } as const;

const inTime = (value: number, unit: string): string => inUnit(value, unit, 0, 'narrow');

/** Seconds as people say them: 45s, 3m 20s, 2h 5m. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–';
  const span = spans.find(({ beyond }) => seconds >= beyond);
  if (!span) return inTime(Math.max(1, Math.round(seconds)), 'second');
  const { large, small } = span;
  const left = Math.floor((seconds % secondsIn[large]) / secondsIn[small]);
  return `${inTime(Math.floor(seconds / secondsIn[large]), large)} ${inTime(left, small)}`;
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
export const time = (ms: number): string => moment.format(ms);
const second = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
/** To the second: for what follows upon one another. */
export const exactTime = (ms: number): string => second.format(ms);

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
/** How long ago, as the reader's language says it: 5 min. ago, yesterday. */
export function ago(ms: number, nowMs = Date.now()): string {
  const seconds = Math.min(0, Math.round((ms - nowMs) / 1000));
  if (seconds > -60) return relative.format(seconds, 'second');
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}
