import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataSpace } from './data-space.ts';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'peerage-space-'));
afterAll(() => rmSync(folder, { recursive: true }));

const refused = expect.objectContaining({ code: 'no_space' });

it('stops metainfo at 80 % of the budget and everything that grows at the reserve', () => {
  let [blobBytes, atMs] = [0, 0];
  writeFileSync(join(folder, 'tracker.db'), Buffer.alloc(MIB));
  const space = new DataSpace(
    folder,
    () => 100 * MIB,
    () => blobBytes,
    () => atMs,
  );
  expect(space.figures()).toEqual({ usedBytes: MIB, budgetBytes: 100 * MIB, blobBytes: 0 });
  space.requireRoomForBlob(79 * MIB);
  expect(() => space.requireRoomForBlob(81 * MIB)).toThrow(refused);

  blobBytes = 79 * MIB;
  expect(() => space.requireRoomForBlob(2 * MIB)).toThrow(refused);
  space.requireRoomToGrow();

  writeFileSync(join(folder, 'tracker.db'), Buffer.alloc(2 * MIB));
  space.requireRoomToGrow(); // measured a moment ago
  atMs += 1_000;
  expect(() => space.requireRoomToGrow()).toThrow(refused);
});

it('keeps 256 MiB of a large budget, and takes the disk for the budget where none is given', () => {
  const GIB = 1024 * MIB;
  const large = new DataSpace(
    folder,
    () => 10_000_000 * GIB,
    () => 0,
    () => 0,
  );
  const { budgetBytes, usedBytes } = large.figures();
  expect(() => large.requireRoomToGrow(budgetBytes - usedBytes - 255 * MIB)).toThrow(refused);
  large.requireRoomToGrow(budgetBytes - usedBytes - 257 * MIB);
});
