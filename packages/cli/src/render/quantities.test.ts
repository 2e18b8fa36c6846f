import { describe, expect, it } from 'vitest';
import { showBytes, showCount, showPercent, showRate, showSeconds, showTime } from './quantities.ts';

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1536, '1.5 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [112_400_000, '112.4 MB'],
    [16 * 2 ** 40, '17.6 TB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
  ])('shows %d bytes', (bytes, shown) => {
    expect(showBytes(bytes)).toBe(shown);
  });

  it('shows rates, counts and percentages', () => {
    expect(showRate(112_412_345.6)).toBe('112.4 MB/s');
    expect(showRate(0.4)).toBe('0 B/s');
    expect(showPercent(999, 1000)).toBe('99%');
    expect(showPercent(0, 0)).toBe('0%');
    expect(showCount(1, 'peer')).toBe('1 peer');
    expect(showCount(0, 'peer')).toBe('0 peers');
  });

  it.each([
    [null, '-'],
    [0, '0:00'],
    [11.2, '0:12'],
    [59.5, '1:00'],
    [3723, '1:02:03'],
    [360_000, '100:00:00'],
    [Number.POSITIVE_INFINITY, '-'],
  ])('shows %s seconds', (seconds, shown) => {
    expect(showSeconds(seconds)).toBe(shown);
  });

  it('shows local time to the minute', () => {
    expect(showTime(new Date(2026, 10, 21, 9, 5, 59).getTime())).toBe('2026-11-21 09:05');
  });
});
