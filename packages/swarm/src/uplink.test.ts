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
