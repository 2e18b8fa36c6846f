import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

test('without a limit nobody waits', () => {
  const limiter = new RateLimiter();
  limiter.spend(1e12, 0);
  expect(limiter.waitMs(0)).toBe(0);
});

test('who spends more than there is makes the next one wait', () => {
  const limiter = new RateLimiter();
  limiter.limit(1_000_000, 0);
  limiter.spend(500_000, 0);
  expect(limiter.waitMs(0)).toBe(500);
  expect(limiter.waitMs(400)).toBeCloseTo(100);
  expect(limiter.waitMs(500)).toBe(0);
});

test('one within another spends in both, and the narrower one counts', () => {
  const client = new RateLimiter();
  const download = new RateLimiter(client);
  client.limit(100_000, 0);
  download.limit(1_000_000, 0);
  expect(download.bytesPerSecond).toBe(100_000);
  download.spend(100_000, 0);
  expect(download.waitMs(0)).toBe(1_000);
  expect(new RateLimiter(client).waitMs(0)).toBe(1_000);
});

test('over any time no more goes than the rate, one burst and one message', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 300_000 })), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 100_000_000 }), steps, (rate, moves) => {
      const limiter = new RateLimiter();
      limiter.limit(rate, 0);
      let nowMs = 0;
      let spent = 0;
      for (const [afterMs, bytes] of moves) {
        nowMs += afterMs;
        if (limiter.waitMs(nowMs) > 0) continue;
        limiter.spend(bytes, nowMs);
        spent += bytes;
        expect(spent).toBeLessThanOrEqual((rate * nowMs) / 1000 + Math.max(32 * 1024, rate / 4) + 300_000 + 1);
      }
    }),
  );
});
