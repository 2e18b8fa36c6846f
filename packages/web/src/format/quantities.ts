/** Sizes, rates and times in the reader's own locale. */
const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

function formatter(unit: (typeof units)[number], digits: number) {
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
    minimumFractionDigits: 0,
  });
}
const number = new Intl.NumberFormat();
const cache = new Map<string, Intl.NumberFormat>();

/** Decimal units (1 MB = 10^6 bytes), three significant digits. */
export function bytes(count: number): string {
  // Every locale has its own word for a single byte, and none is as short.
  if (count < 1000) return `${number.format(Math.round(count))} B`;
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const key = `${power}.${digits}`;
  let format = cache.get(key);
  if (!format) {
    format = formatter(units[power - 1]!, digits);
    cache.set(key, format);
  }
  return format.format(value);
}

export const rate = (bytesPerSecond: number): string => (bytesPerSecond < 1 ? '–' : `${bytes(bytesPerSecond)}/s`);

const percentFormat = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
/** Never rounds up to 100 % what is not complete. */
export const percent = (done: number, size: number): string =>
  percentFormat.format(size === 0 ? 1 : Math.floor((done / size) * 1000) / 1000);

export const count = (value: number): string => number.format(value);

const copiesFormat = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** Whole copies among the connected peers, and the part of the next one. */
export const copies = (available: number | null): string => (available === null ? '–' : copiesFormat.format(available));

/** Seconds as people say them: 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.round((seconds % 86_400) / 3600)} h`;
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
