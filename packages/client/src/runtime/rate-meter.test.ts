import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('a steady stream shows as its rate, soon and for as long as it lasts', () => {
  const meter = new RateMeter(1000);
  for (let ms = 1000; ms < 9000; ms += 10) {
    meter.add(1000, ms);
    if (ms > 1500) expect(meter.bytesPerSecond(ms)).toBeGreaterThan(90_000);
    if (ms > 1500) expect(meter.bytesPerSecond(ms)).toBeLessThan(110_000);
  }
  expect(meter.totalBytes).toBe(800_000);
});

test('what stopped fades to nothing within three seconds', () => {
  const meter = new RateMeter(0);
  meter.add(300_000, 10);
  expect(meter.bytesPerSecond(2000)).toBeGreaterThan(0);
  expect(meter.bytesPerSecond(3010)).toBe(0);
  expect(meter.bytesPerSecond(100_000)).toBe(0);
});
