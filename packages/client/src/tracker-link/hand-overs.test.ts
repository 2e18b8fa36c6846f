import type { KeyObject } from 'node:crypto';
import { encodeHandOvers, type KeyHandOver } from '@peerage/contract';
import { expect, it } from 'vitest';
import { leadsFrom } from './hand-overs.ts';
import { certificateOf, handOver as handOverAt, newKey, pinOf } from './test-bed/tracker-keys.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_750_000_000_000;

const handOver = (from: KeyObject, to: KeyObject, atMs = NOW_MS, signer = from) => handOverAt(from, to, atMs, signer);

const [first, second, third, mallory] = [newKey(), newKey(), newKey(), newKey()];
const follow = async (from: KeyObject, to: KeyObject, chain: KeyHandOver[], nowMs = NOW_MS) =>
  leadsFrom(pinOf(from), (await certificateOf(to, encodeHandOvers(chain))).parsed, nowMs);

it('a key that the known one signed is followed, over several too', async () => {
  expect(await follow(first, second, [handOver(first, second)])).toBe(true);
  const chain = [handOver(first, second), handOver(second, third)];
  expect(await follow(first, third, chain)).toBe(true);
  expect(await follow(second, third, chain)).toBe(true);
});

it('no other key is: unsigned, signed by another, for another, of another, in a certificate that is not its', async () => {
  expect(leadsFrom(pinOf(first), (await certificateOf(second)).parsed, NOW_MS)).toBe(false);
  expect(await follow(first, second, [handOver(first, second, NOW_MS, mallory)])).toBe(false);
  expect(await follow(first, mallory, [handOver(first, second)])).toBe(false);
  expect(await follow(first, second, [handOver(mallory, second)])).toBe(false);
  const broken = [handOver(first, second), handOver(second, third, NOW_MS, mallory)];
  expect(await follow(first, third, broken)).toBe(false);
  const stretched = { ...handOver(first, second, NOW_MS - 40 * DAY_MS), atMs: NOW_MS };
  expect(await follow(first, second, [stretched])).toBe(false);
});

it('counts for 30 days', async () => {
  const chain = [handOver(first, second)];
  expect(await follow(first, second, chain, NOW_MS + 30 * DAY_MS - 1)).toBe(true);
  expect(await follow(first, second, chain, NOW_MS + 30 * DAY_MS)).toBe(false);
  expect(await follow(first, second, chain, NOW_MS - 2 * DAY_MS)).toBe(false);
  const late = [handOver(first, second, NOW_MS - 31 * DAY_MS), handOver(second, third)];
  expect([await follow(first, third, late), await follow(second, third, late)]).toEqual([false, true]);
});

it('a certificate with anything else in its place is of another key', async () => {
  const good = encodeHandOvers([handOver(first, second)]);
  for (const values of [[good, good], [good.slice(1)], [good.slice(0, -1)], [new Uint8Array(2)]]) {
    expect(leadsFrom(pinOf(first), (await certificateOf(second, ...values)).parsed, NOW_MS)).toBe(false);
  }
});
