import { constants } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentOf } from './compliance/content.ts';
import { testFolder } from './compliance/test-folder.ts';
import { OpenFile } from './open-file.ts';

const inFolder = testFolder();
const content = contentOf(10_000);

test('reads of one turn each get their own bytes, whether they follow each other or not, up to the end of the file', async () => {
  await writeFile(inFolder('file'), content);
  const file = await OpenFile.open(inFolder('file'), constants.O_RDONLY);
  const asked = fc.record({ offset: fc.nat({ max: 12_000 }), length: fc.nat({ max: 2_000 }) });
  const inRow = fc
    .record({ offset: fc.nat({ max: 11_000 }), lengths: fc.array(fc.nat({ max: 1_000 }), { maxLength: 5 }) })
    .map(({ offset, lengths }) =>
      lengths.map((length, at) => ({
        offset: offset + lengths.slice(0, at).reduce((sum, one) => sum + one, 0),
        length,
      })),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          asked.map((one) => [one]),
          inRow,
        ),
        { maxLength: 5 },
      ),
      async (groups) => {
        const outcomes = await Promise.all(
          groups.flat().map(async ({ offset, length }) => {
            const into = new Uint8Array(length);
            const readBytes = await file.read(into, offset);
            return Buffer.from(into.subarray(0, readBytes)).equals(content.subarray(offset, offset + length));
          }),
        );
        expect(outcomes.every((isRight) => isRight)).toBe(true);
      },
    ),
  );
  await file.close();
});

test('a file that was cut short ends where it ends, for each read of a row', async () => {
  await writeFile(inFolder('short'), content);
  const file = await OpenFile.open(inFolder('short'), constants.O_RDONLY);
  await truncate(inFolder('short'), 1_500);
  const reads = [0, 1_000, 2_000].map((offset) => file.read(new Uint8Array(1_000), offset));
  expect(await Promise.all(reads)).toEqual([1_000, 500, 0]);
  expect(Number(file.statNow().size)).toBe(1_500);
  await file.close();
  expect(() => file.statNow()).toThrow('is closed');
  await expect(file.read(new Uint8Array(5), 0)).rejects.toThrow('is closed');
});

test('writes of one turn each go to their own place, whether they follow each other or not', async () => {
  await writeFile(inFolder('written'), '');
  const file = await OpenFile.open(inFolder('written'), constants.O_RDWR);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 19 }), { maxLength: 20 }), async (places) => {
      await file.truncate(0);
      await file.truncate(content.length);
      await Promise.all(
        places.map((place) => file.write(content.subarray(place * 500, place * 500 + 500), place * 500)),
      );
      const expected = Buffer.alloc(content.length);
      for (const place of places) expected.set(content.subarray(place * 500, place * 500 + 500), place * 500);
      expect(Buffer.compare(await readFile(inFolder('written')), expected)).toBe(0);
    }),
  );
  await file.close();
});

test('each write of a row hears that it may not be made', async () => {
  await writeFile(inFolder('read-only'), content);
  const file = await OpenFile.open(inFolder('read-only'), constants.O_RDONLY);
  const writes = [0, 500].map((offset) => file.write(content.subarray(0, 500), offset));
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await file.close();
});
