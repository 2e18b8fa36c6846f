import { Bitfield, Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { lostLine, writingLine, writingRangeLine } from './journal-lines.ts';
import { WritingAhead } from './writing-ahead.ts';

const geometry = new Geometry(40 * PIECE_BYTES);
const piece = (index: number): PieceIndex => geometry.piece(index)!;

/** What stands in the journal after the pieces came in that order. */
async function linesFor(pieces: readonly number[], had: readonly number[] = []) {
  const lines: string[] = [];
  const have = Bitfield.empty(geometry);
  for (const index of had) have.set(piece(index));
  const ahead = new WritingAhead(geometry, {
    append: async (text) => {
      lines.push(text);
    },
  });
  for (const index of pieces) {
    await ahead.say(piece(index), have);
    have.set(piece(index));
  }
  return lines;
}

test('pieces in the order of the file share lines, as far as what is there already', async () => {
  const all = Array.from({ length: 40 }, (_, index) => index);
  expect(await linesFor(all)).toEqual([
    writingLine(piece(0)),
    writingRangeLine(piece(1), piece(16)),
    writingRangeLine(piece(17), piece(32)),
    writingRangeLine(piece(33), piece(39)),
  ]);
  expect(await linesFor([5, 6], [4, 7])).toEqual([writingRangeLine(piece(5), piece(6))]);
});

test('runs of several senders beside each other share lines, too', async () => {
  expect(await linesFor([0, 4, 8, 1, 5, 9, 2, 3, 12, 20])).toEqual([
    writingLine(piece(0)),
    writingRangeLine(piece(4), piece(19)),
    writingRangeLine(piece(1), piece(3)),
    writingRangeLine(piece(20), piece(35)),
  ]);
});

test('pieces in another order have a line each', async () => {
  expect(await linesFor([20, 3, 39])).toEqual([20, 3, 39].map((index) => writingLine(piece(index))));
});

test('who needs a line that is on its way waits for it, and hears where it fails; the next one says it again', async () => {
  const appended: PromiseWithResolvers<void>[] = [];
  const ahead = new WritingAhead(geometry, {
    append: () => {
      appended.push(Promise.withResolvers());
      return appended.at(-1)!.promise;
    },
  });
  const have = Bitfield.empty(geometry);
  have.set(piece(0));
  const both = [ahead.say(piece(1), have), ahead.say(piece(2), have)];
  expect(appended).toHaveLength(1);
  appended[0]!.reject(new Error('the disk is full'));
  for (const saying of both) await expect(saying).rejects.toThrow('the disk is full');
  const again = ahead.say(piece(2), have);
  expect(appended).toHaveLength(2);
  appended[1]!.resolve();
  await again;
});

test('a piece that was lost is said anew', async () => {
  const lines: string[] = [];
  const ahead = new WritingAhead(geometry, {
    append: async (text) => {
      lines.push(text);
    },
  });
  const have = Bitfield.empty(geometry);
  await ahead.say(piece(7), have);
  ahead.forget(piece(7));
  await ahead.say(piece(7), have);
  expect(lines).toEqual([writingLine(piece(7)), writingLine(piece(7))]);
});

test('what was said and never came is taken back', async () => {
  const lines: string[] = [];
  const ahead = new WritingAhead(geometry, {
    append: async (text) => {
      lines.push(text);
    },
  });
  const have = Bitfield.empty(geometry);
  for (const index of [37, 38]) {
    await ahead.say(piece(index), have);
    have.set(piece(index));
  }
  await ahead.takeBack(have);
  await ahead.takeBack(have);
  expect(lines).toEqual([writingLine(piece(37)), writingRangeLine(piece(38), piece(39)), lostLine(piece(39))]);
});
