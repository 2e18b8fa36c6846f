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
        const picked = pickPiece(availability, has, { inFileOrder: false, last: undefined, partial: true, random });
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

/** A share of so many pieces that seeders bring, and how each of them opens its next one. */
function seeders(pieces: number, wantedFrom = 0) {
  const geometry = new Geometry(pieces * PIECE_BYTES);
  const availability = new Availability(geometry);
  const random = new Random(1);
  const full = Bitfield.full(geometry);
  for (const piece of geometry.pieces()) if (piece >= wantedFrom) availability.want(piece);
  const last = new Map<string, PieceIndex | undefined>();
  return (seeder: string, has = full): PieceIndex | undefined => {
    const options = { inFileOrder: true, last: last.get(seeder), partial: false, random };
    const piece = pickPiece(availability, has, options);
    if (piece === undefined) return undefined;
    last.set(seeder, piece);
    availability.unwant(piece);
    return piece;
  };
}

test('in file order, one seeder: every piece in turn', () => {
  const open = seeders(6);
  expect(Array.from({ length: 7 }, () => open('one'))).toEqual([0, 1, 2, 3, 4, 5, undefined]);
});

test('in file order, several seeders: each brings runs, and what is left of those of others', () => {
  const open = seeders(18, 2);
  const turns = Array.from({ length: 5 }, () => [open('one'), open('other')]);
  expect(turns).toEqual([
    [4, 8],
    [5, 9],
    [6, 10],
    [7, 11],
    [12, 16],
  ]);
  expect([open('one'), open('other'), open('other'), open('other')]).toEqual([13, 17, 2, 3]);
  expect([open('other'), open('one'), open('other')]).toEqual([14, 15, undefined]);
});

test('in file order: a slow seeder holds the order back by no more than sixteen pieces', () => {
  const open = seeders(100);
  expect(open('slow')).toBe(0);
  const opened = Array.from({ length: 99 }, () => open('fast')!);
  expect([...opened].sort((left, right) => left - right)).toEqual(Array.from({ length: 99 }, (_, index) => index + 1));
  // Those before it that are still to come are no more than what the slow one's run has left.
  for (const [turn, piece] of opened.entries()) expect(piece - turn).toBeLessThanOrEqual(1 + 3);
});

test('in file order: who lacks the next piece brings another', () => {
  const open = seeders(8);
  const some = Bitfield.empty(new Geometry(8 * PIECE_BYTES));
  for (const piece of new Geometry(8 * PIECE_BYTES).pieces()) if (piece === 6) some.set(piece);
  expect(open('one', some)).toBe(6);
});

test('equals are picked evenly', () => {
  const geometry = new Geometry(4 * PIECE_BYTES);
  const availability = new Availability(geometry);
  const random = new Random(1);
  availability.addSeeder();
  for (const piece of geometry.pieces()) availability.want(piece);
  const times = [0, 0, 0, 0];
  for (let turn = 0; turn < 4000; turn++) {
    const options = { inFileOrder: false, last: undefined, partial: false, random };
    times[pickPiece(availability, Bitfield.full(geometry), options)!]!++;
  }
  for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
