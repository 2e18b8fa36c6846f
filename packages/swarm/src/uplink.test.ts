import { expect, test } from 'vitest';
import { Uplink } from './uplink.ts';

const PIECE = 512 * 1024;
const BLOCK = 16 * 1024;

test('a piece of one byte that took a second, as of a peer that asks twice a second, is no measure of the uplink', () => {
  const uplink = new Uplink();
  uplink.handOver(1, 0);
  uplink.handOver(10 * BLOCK, 50);
  uplink.delivered(1, 1000);
  expect(uplink.bytesPerSecond).toBe(0);
  expect(uplink.mayHandOver(1000)).toBe(true);
});

test('however little is confirmed, a block leaves within a second', () => {
  const uplink = new Uplink();
  for (let piece = 0; piece < 3; piece++) uplink.handOver(PIECE, 0);
  for (let piece = 1; piece <= 3; piece++) uplink.delivered(PIECE, piece * 60_000);
  expect(uplink.bytesPerSecond).toBeLessThan(20_000);
  uplink.handOver(BLOCK, 180_000);
  expect(uplink.handOverAtMs(180_000)).toBeLessThan(181_000);
});

test('a link that becomes faster: the pace finds out, though all arrives before the next block may be handed over', () => {
  const STEP_MS = 5;
  const uplink = new Uplink();
  let handedBytes = 0;
  let sentBytes = 0;
  const send = (durationMs: number, fromMs: number, linkBytesPerSecond: number) => {
    for (let nowMs = fromMs; nowMs < fromMs + durationMs; nowMs += STEP_MS) {
      const deliveredBytes = Math.floor(sentBytes / PIECE) * PIECE;
      sentBytes = Math.min(handedBytes, sentBytes + (linkBytesPerSecond * STEP_MS) / 1000);
      for (let bytes = deliveredBytes + PIECE; bytes <= sentBytes; bytes += PIECE) uplink.delivered(PIECE, nowMs);
      while (handedBytes - sentBytes < 2 * PIECE && uplink.mayHandOver(nowMs)) {
        uplink.handOver(BLOCK, nowMs);
        handedBytes += BLOCK;
      }
    }
  };
  send(10_000, 0, 1_000_000);
  send(6_000, 10_000, 100_000_000);
  expect(uplink.bytesPerSecond).toBeGreaterThan(4_000_000);
});

test('a limit that is lifted leaves no pace behind', () => {
  const uplink = new Uplink();
  uplink.limit(1_000_000);
  for (let piece = 0; piece <= 12; piece++) {
    uplink.handOver(2 * PIECE, piece * 500);
    uplink.delivered(PIECE, piece * 500);
  }
  expect(uplink.mayHandOver(6_000)).toBe(false);
  uplink.limit(Number.POSITIVE_INFINITY);
  expect(uplink.mayHandOver(6_000)).toBe(true);
});
