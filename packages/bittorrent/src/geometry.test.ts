import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, Geometry, PIECE_BYTES } from './geometry.ts';

describe('pieces', () => {
  test.each([
    [0, 0, []],
    [1, 1, [1]],
    [PIECE_BYTES - 1, 1, [PIECE_BYTES - 1]],
    [PIECE_BYTES, 1, [PIECE_BYTES]],
    [PIECE_BYTES + 1, 2, [PIECE_BYTES, 1]],
  ])('of %d bytes: %d', (sizeBytes, pieceCount, lengths) => {
    const geometry = new Geometry(sizeBytes);
    expect(geometry.pieceCount).toBe(pieceCount);
    expect([...geometry.pieces()].map((piece) => geometry.pieceLengthBytes(piece))).toEqual(lengths);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('no share has %d bytes', (sizeBytes) => {
    expect(() => new Geometry(sizeBytes)).toThrow(RangeError);
  });

  test.each([-1, 2, 0.5, Number.NaN, 2 ** 32])('a share of two pieces has no piece %d', (index) => {
    expect(new Geometry(PIECE_BYTES + 1).piece(index)).toBeUndefined();
  });
});

test('blocks of all pieces cover the share once, in order', () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 * PIECE_BYTES }), (sizeBytes) => {
      const geometry = new Geometry(sizeBytes);
      let at = 0;
      for (const piece of geometry.pieces()) {
        expect(geometry.pieceOffsetBytes(piece)).toBe(at);
        for (let ordinal = 0; ordinal < geometry.blockCount(piece); ordinal++) {
          const block = geometry.blockAt(piece, ordinal)!;
          expect(geometry.pieceOffsetBytes(piece) + block.offsetBytes).toBe(at);
          expect(geometry.block(piece, block.offsetBytes, block.lengthBytes)).toEqual(block);
          at += block.lengthBytes;
        }
        expect(geometry.blockAt(piece, geometry.blockCount(piece))).toBeUndefined();
      }
      expect(at).toBe(sizeBytes);
    }),
  );
});

test.each([
  [0, 0, PIECE_BYTES, true],
  [1, 0, 100, true],
  [0, 0, PIECE_BYTES - 1, false],
  [0, 0, PIECE_BYTES + 1, false],
  [0, 1, PIECE_BYTES, false],
  [0, 1, PIECE_BYTES - 1, false],
  [1, 0, PIECE_BYTES, false],
  [2, 0, 0, false],
  [0xffffffff, 0, PIECE_BYTES, false],
])('at piece %d, byte %d, %d bytes are one whole piece: %s', (index, offsetBytes, lengthBytes, isOne) => {
  expect(new Geometry(PIECE_BYTES + 100).wholePiece(index, offsetBytes, lengthBytes) !== undefined).toBe(isOne);
});

describe('ranges that somebody asks for', () => {
  const geometry = new Geometry(PIECE_BYTES + 100);
  test.each([
    [0, 0, 1, true],
    [0, 1, BLOCK_BYTES, true],
    [0, PIECE_BYTES - 1, 1, true],
    [1, 0, 100, true],
    [1, 99, 1, true],
    [0, 0, 0, false],
    [0, 0, BLOCK_BYTES + 1, false],
    [0, PIECE_BYTES - 1, 2, false],
    [0, PIECE_BYTES, 1, false],
    [0, -1, 1, false],
    [0, 0.5, 1, false],
    [0, 0, Number.NaN, false],
    [1, 99, 2, false],
    [1, 100, 1, false],
    [2, 0, 1, false],
    [0, 0xffffffff, 1, false],
    [0, 0, 0xffffffff, false],
  ])('piece %d, byte %d, %d bytes: %s', (index, offsetBytes, lengthBytes, exists) => {
    expect(geometry.block(index, offsetBytes, lengthBytes) !== undefined).toBe(exists);
  });
});
