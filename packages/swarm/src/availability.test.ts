import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Availability } from './availability.ts';

test('whatever is wanted, gained and lost: the order holds every wanted piece once, in its level', () => {
  const step = fc.record({ kind: fc.constantFrom('want', 'unwant', 'gain', 'lose'), index: fc.nat(19) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const geometry = new Geometry(20 * PIECE_BYTES);
      const availability = new Availability(geometry);
      const wanted = new Set<number>();
      const counts = new Array<number>(20).fill(0);
      for (const { kind, index } of steps) {
        const piece = geometry.piece(index)!;
        if (kind === 'want') {
          availability.want(piece);
          wanted.add(index);
        } else if (kind === 'unwant') {
          availability.unwant(piece);
          wanted.delete(index);
        } else if (kind === 'gain') {
          availability.gain(piece);
          counts[index]!++;
        } else if (counts[index]! > 0) {
          availability.lose(piece);
          counts[index]!--;
        }
      }
      const order: number[] = [];
      for (let level = 0; level < availability.levelCount; level++) {
        for (let place = availability.levelStart(level); place < availability.levelStart(level + 1); place++) {
          expect(counts[availability.at(place)]).toBe(level);
          order.push(availability.at(place));
        }
      }
      expect(order.toSorted((left, right) => left - right)).toEqual(
        [...wanted].toSorted((left, right) => left - right),
      );
      expect(availability.firstWanted()).toBe(wanted.size === 0 ? undefined : Math.min(...wanted));
      for (const piece of geometry.pieces()) expect(availability.count(piece)).toBe(counts[piece]);
      const has = [...wanted].map((index) => counts[index]!);
      const least = Math.min(...has);
      const copies = least + has.filter((count) => count > least).length / has.length;
      expect(availability.copies).toBe(wanted.size === 0 ? null : copies);
    }),
    { numRuns: 300 },
  );
});

test('seeders count for every piece', () => {
  const geometry = new Geometry(2 * PIECE_BYTES);
  const availability = new Availability(geometry);
  availability.addSeeder();
  availability.addSeeder();
  availability.gain(geometry.piece(1)!);
  expect([...geometry.pieces()].map((piece) => availability.count(piece))).toEqual([2, 3]);
  availability.want(geometry.piece(0)!);
  availability.want(geometry.piece(1)!);
  expect(availability.copies).toBe(2.5);
  availability.removeSeeder();
  expect([...geometry.pieces()].map((piece) => availability.count(piece))).toEqual([1, 2]);
});
