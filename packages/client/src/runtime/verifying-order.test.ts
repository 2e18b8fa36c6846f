import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { VerifyingOrder } from './verifying-order.ts';

const geometry = new Geometry(40 * PIECE_BYTES);
const pieces = [...geometry.pieces()];

/** An order whose hash goes on piece by piece, and what was verified when. */
function orderOf(options: { readonly coming: readonly number[]; readonly same?: true }) {
  const verified: number[] = [];
  const coming = new Set(options.coming);
  let next = 0;
  const order = new VerifyingOrder({
    next: () => (options.same ? undefined : geometry.piece(next)),
    isComing: (piece) => coming.has(piece),
    verify: (piece) => {
      verified.push(piece);
      if (piece === next) next++;
    },
  });
  const add = (...numbers: number[]) => {
    for (const number of numbers) order.add(pieces[number] as PieceIndex);
  };
  return { order, add, verified };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what comes a little early waits for the next piece, then follows one piece a turn', async () => {
  const { add, verified, order } = orderOf({ coming: [0] });
  add(2, 1, 4);
  expect(verified).toEqual([]);
  add(0);
  expect(verified).toEqual([0]);
  await turn();
  expect(verified).toEqual([0, 1]);
  await turn();
  await turn();
  expect(verified).toEqual([0, 1, 2]);
  order.close();
});

test('it does not wait for long', async () => {
  const { add, verified, order } = orderOf({ coming: [0] });
  add(3, 1);
  await expect.poll(() => verified).toEqual([1, 3]);
  order.close();
});

test('nothing waits for a piece that is not on its way, that is far, or where the order is all the same', () => {
  for (const [options, early] of [
    [{ coming: [1, 2] }, 3],
    [{ coming: [0] }, 16],
    [{ coming: [0], same: true }, 3],
  ] as const) {
    const { add, verified } = orderOf(options);
    add(early);
    expect(verified).toEqual([early]);
  }
});

test('after its end nothing is verified any more', async () => {
  const { add, verified, order } = orderOf({ coming: [0] });
  add(1, 0);
  order.close();
  await turn();
  expect(verified).toEqual([0]);
});
