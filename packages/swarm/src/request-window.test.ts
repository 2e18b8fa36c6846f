import { BLOCK_BYTES, Geometry } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { RequestWindow } from './request-window.ts';

const geometry = new Geometry(2 ** 40);

/** Blocks that come at a steady rate, each `roundTripMs` after its request. */
function measured(bytesPerSecond: number, roundTripMs: number): RequestWindow {
  const window = new RequestWindow({ blocks: 0, geometry });
  const gapMs = (BLOCK_BYTES * 1000) / bytesPerSecond;
  window.add(2 ** 20, 0);
  for (let id = 0; id * gapMs < 5_000; id++) {
    window.add(id, id * gapMs);
    window.arrived(id, BLOCK_BYTES, id * gapMs + roundTripMs);
  }
  return window;
}

test('half a mebibyte may be outstanding until a rate is known', () => {
  expect(new RequestWindow({ blocks: 0, geometry }).limitBlocks * BLOCK_BYTES).toBe(512 * 1024);
});

test('then as much as the rate fills in the round trip and 350 ms (on fast links at most 768 KiB), between 4 blocks and 2 MiB', () => {
  const middle = measured(1_000_000, 100);
  expect(middle.rateBytesPerSecond).toBeGreaterThan(900_000);
  expect(middle.rateBytesPerSecond).toBeLessThan(1_100_000);
  expect(middle.limitBlocks).toBeGreaterThanOrEqual(26);
  expect(middle.limitBlocks).toBeLessThanOrEqual(30);
  expect(measured(20_000, 50).limitBlocks).toBe(4);
  expect(measured(50_000_000, 1).limitBlocks).toBeLessThanOrEqual(48 + 4);
  const only = measured(50_000_000, 1);
  only.isOnly = true;
  expect(only.limitBlocks * BLOCK_BYTES).toBe(2 * 1024 * 1024);
  expect(measured(500_000_000, 100).limitBlocks * BLOCK_BYTES).toBe(2 * 1024 * 1024);
});

test('a rate that no block confirms any more fades', () => {
  const window = measured(1_000_000, 10);
  const before = window.rateBytesPerSecond;
  for (let nowMs = 6_000; nowMs < 12_000; nowMs += 1_000) window.fade(nowMs);
  expect(window.rateBytesPerSecond).toBeLessThan(before / 5);
  expect(window.silentMs(12_000)).toBeGreaterThan(6_000);
});

test('as many answers are forgiven as requests were given up', () => {
  const window = new RequestWindow({ blocks: 0, geometry });
  for (let turn = 0; turn < 2; turn++) {
    window.add(7, 0);
    window.forgive(7);
  }
  expect(window.size).toBe(0);
  expect([window.settleForgiven(7), window.settleForgiven(7), window.settleForgiven(7)]).toEqual([true, true, false]);
  expect(window.settleForgiven(8)).toBe(false);
});

test('what is forgiven is bounded', () => {
  const window = new RequestWindow({ blocks: 0, geometry });
  for (let id = 0; id < 5_000; id++) {
    window.add(id, 0);
    window.forgive(id);
  }
  expect(window.settleForgiven(0)).toBe(false);
  expect(window.settleForgiven(4_999)).toBe(true);
});
