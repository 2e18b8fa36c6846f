/** How numbers are shown to people. Units are decimal, as rates on a network are: 1 MB = 10^6 bytes. */

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `512 B`, `1.5 kB`, `112.4 MB`. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)} B` : `${value.toFixed(1)} ${units[unit]}`;
}

export const showRate = (bytesPerSecond: number): string => `${showBytes(bytesPerSecond)}/s`;

/** `0:12`, `1:02:03`; a dash where it can't be told. */
export function showSeconds(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '-';
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Rounded down, so that 100% means all of it. */
export const showPercent = (done: number, total: number): string =>
  `${total === 0 ? 0 : Math.min(100, Math.floor((done / total) * 100))}%`;

/** Local time to the minute, `2026-11-21 10:12`. */
export function showTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const showCount = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
