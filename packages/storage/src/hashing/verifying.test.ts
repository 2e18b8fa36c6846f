import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceHashesOf, pieceOf } from '../compliance/content.ts';
import { sha1IsCompiled, TOGETHER_PIECES } from './sha1.ts';
import { PieceVerifier } from './verifying.ts';

const content = contentOf(3 * PIECE_BYTES + 99);
const geometry = new Geometry(content.length);
const pieces = [...geometry.pieces()];

/** A verifier, and pieces that come to it so many milliseconds one after the other. */
function bed(intervalMs: number) {
  let nowMs = 0;
  const verifier = new PieceVerifier(pieceHashesOf(content, geometry), () => nowMs);
  return (
    turn: number,
    options: { wrong?: boolean; afterMs?: number; mayWait?: boolean } = {},
  ): boolean | Promise<boolean> => {
    nowMs += options.afterMs ?? intervalMs;
    const piece = pieces[turn % pieces.length] as PieceIndex;
    const bytes = Uint8Array.from(pieceOf(content, geometry, piece));
    if (options.wrong) bytes[bytes.length - 1]! ^= 1;
    return verifier.verify(piece, bytes, options.mayWait);
  };
}

test('pieces that come slowly are verified at once', () => {
  const comes = bed(20);
  for (let turn = 0; turn < 40; turn++) expect(comes(turn, { wrong: turn % 3 === 0 })).toBe(turn % 3 !== 0);
});

describe.skipIf(!sha1IsCompiled)('where SHA-1 is compiled (without it all are verified at once)', () => {
  /** As soon as they are found to come quickly. */
  function quick() {
    const comes = bed(1);
    for (let turn = 0; turn < 100; turn++) {
      const first = comes(turn);
      if (typeof first !== 'boolean') return { comes, first };
      expect(first).toBe(true);
    }
    throw new Error('they were never found to come quickly');
  }

  test('pieces that come quickly are verified together, as soon as eight wait', async () => {
    const { comes, first } = quick();
    const others = Array.from({ length: TOGETHER_PIECES - 1 }, (_, turn) => comes(turn, { wrong: turn % 2 === 0 }));
    // Answered within microtasks: no timer was needed.
    let isAnswered = false;
    void Promise.all([first, ...others]).then(() => (isAnswered = true));
    await new Promise((resolve) => process.nextTick(() => setImmediate(resolve)));
    expect(isAnswered).toBe(true);
    expect(await Promise.all([first, ...others])).toEqual([true, false, true, false, true, false, true, false]);
  });

  test('fewer are answered all the same, and each for itself', async () => {
    const { comes, first } = quick();
    const wrong = comes(1, { wrong: true });
    expect(await Promise.all([first, wrong])).toEqual([true, false]);
    expect(await Promise.all([comes(2), comes(3, { wrong: true })])).toEqual([true, false]);
  });

  test('those that may not wait are verified at once, whoever else waits', async () => {
    const { comes, first } = quick();
    expect(comes(1, { mayWait: false })).toBe(true);
    expect(comes(2, { mayWait: false, wrong: true })).toBe(false);
    expect(await first).toBe(true);
  });

  test('after a pause they are verified at once again', () => {
    const { comes } = quick();
    expect(comes(0, { afterMs: 10_000 })).toBe(true);
    expect(comes(0, { wrong: true })).toBe(false);
  });
});
