import { Bitfield, Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Availability } from './availability.ts';
import { pickPiece } from './piece-picker.ts';
import { Random } from './random.ts';

/** Enough that a peer with few pieces makes the picker walk the bitfield. */
const PIECES = 300;

interface Swarm {
  readonly geometry: Geometry;
  readonly availability: Availability;
  readonly fields: readonly Bitfield[];
}

function swarmOf(options: { wantedPart: number; parts: readonly number[]; seed: number }): Swarm {
  const geometry = new Geometry(PIECES * PIECE_BYTES);
  const availability = new Availability(geometry);
  const random = new Random(options.seed);
  const fields = options.parts.map((part) => {
    const field = Bitfield.empty(geometry);
    for (const piece of geometry.pieces()) {
      if (!random.chance(part)) continue;
      field.set(piece);
      availability.gain(piece);
    }
    return field;
  });
  for (const piece of geometry.pieces()) if (random.chance(options.wantedPart)) availability.want(piece);
  return { geometry, availability, fields };
}

const part = fc.constantFrom(0, 0.01, 0.1, 0.5, 0.9, 1);
const swarms = fc.record({
  wantedPart: part,
  parts: fc.array(part, { minLength: 1, maxLength: 6 }),
  seed: fc.nat(),
});

test('picks the rarest of the wanted pieces that the peer has, and nothing where it has none', () => {
  fc.assert(
    fc.property(swarms, fc.nat(), (options, seed) => {
      const { geometry, availability, fields } = swarmOf(options);
      const random = new Random(seed);
      for (const has of fields) {
        const possible = [...geometry.pieces()].filter((piece) => has.has(piece) && availability.wanted.has(piece));
        const picked = pickPiece(availability, has, { inFileOrder: false, partial: true, random });
        if (possible.length === 0) {
          expect(picked).toBeUndefined();
        } else {
          expect(possible).toContain(picked);
          expect(availability.count(picked!)).toBe(Math.min(...possible.map((piece) => availability.count(piece))));
        }
      }
    }),
  );
});

test('in file order: the first wanted piece', () => {
  const geometry = new Geometry(5 * PIECE_BYTES);
  const availability = new Availability(geometry);
  const random = new Random(1);
  availability.addSeeder();
  for (const piece of geometry.pieces()) if (piece >= 2) availability.want(piece);
  const picked: (PieceIndex | undefined)[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const piece = pickPiece(availability, Bitfield.full(geometry), { inFileOrder: true, partial: false, random });
    picked.push(piece);
    if (piece !== undefined) availability.unwant(piece);
  }
  expect(picked).toEqual([2, 3, 4, undefined]);
});

test('equals are picked evenly', () => {
  const geometry = new Geometry(4 * PIECE_BYTES);
  const availability = new Availability(geometry);
  const random = new Random(1);
  availability.addSeeder();
  for (const piece of geometry.pieces()) availability.want(piece);
  const times = [0, 0, 0, 0];
  for (let turn = 0; turn < 4000; turn++) {
    const options = { inFileOrder: false, partial: false, random };
    times[pickPiece(availability, Bitfield.full(geometry), options)!]!++;
  }
  for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
