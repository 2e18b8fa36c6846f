import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from './bitfield.ts';
import { Geometry, PIECE_BYTES } from './geometry.ts';

const ofPieces = (count: number): Geometry => new Geometry(count * PIECE_BYTES);

test('a bitfield is a set of pieces, and its bytes say the same', () => {
  const anyField = fc.integer({ min: 1, max: 70 }).chain((count) =>
    fc.record({
      geometry: fc.constant(ofPieces(count)),
      changes: fc.array(fc.record({ set: fc.boolean(), index: fc.nat({ max: count - 1 }) }), { maxLength: 200 }),
    }),
  );
  fc.assert(
    fc.property(anyField, ({ geometry, changes }) => {
      const field = Bitfield.empty(geometry);
      const model = new Set<number>();
      for (const { set, index } of changes) {
        const piece = geometry.piece(index)!;
        const changed = set ? field.set(piece) : field.clear(piece);
        expect(changed).toBe(set ? !model.has(index) : model.has(index));
        if (set) model.add(index);
        else model.delete(index);
        expect(field.count).toBe(model.size);
      }
      for (const same of [field, field.copy(), Bitfield.parse(geometry, field.bytes)!]) {
        expect([...geometry.pieces()].filter((piece) => same.has(piece))).toEqual([...model].sort((a, b) => a - b));
        expect(same.count).toBe(model.size);
        expect(same.isFull).toBe(model.size === geometry.pieceCount);
      }
    }),
  );
});

test('high bit first, spare bits zero', () => {
  const full = Bitfield.full(ofPieces(10));
  expect(full.bytes).toEqual(Uint8Array.of(0xff, 0xc0));
  expect(full.isFull).toBe(true);
  expect(Bitfield.parse(ofPieces(10), Uint8Array.of(0x80, 0x40))!.has(ofPieces(10).piece(9)!)).toBe(true);
});

test('a wrong length or a spare bit is refused', () => {
  expect(Bitfield.parse(ofPieces(10), Uint8Array.of(0xff))).toBeUndefined();
  expect(Bitfield.parse(ofPieces(10), Uint8Array.of(0, 0, 0))).toBeUndefined();
  expect(Bitfield.parse(ofPieces(10), Uint8Array.of(0, 0x20))).toBeUndefined();
  expect(Bitfield.parse(ofPieces(8), Uint8Array.of(0xff))!.isFull).toBe(true);
});

test('an empty share has no bit and is complete', () => {
  const field = Bitfield.parse(new Geometry(0), new Uint8Array(0))!;
  expect(field.count).toBe(0);
  expect(field.isFull).toBe(true);
});

test('a copy is another set', () => {
  const geometry = ofPieces(3);
  const field = Bitfield.full(geometry);
  field.copy().clear(geometry.piece(0)!);
  expect(field.isFull).toBe(true);
});
