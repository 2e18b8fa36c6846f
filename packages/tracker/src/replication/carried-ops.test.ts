import { expect, test } from 'vitest';
import { replicationLimits } from '../limits.ts';
import { CarriedOps } from './carried-ops.ts';

const piece = (after: number, seq: number, origin = 'a', text = `${after + 1}..${seq}`) => ({
  origin,
  seq,
  carried: { after, text },
});

test('gives all that follows on what somebody holds, and nothing where a piece is missing', () => {
  const ops = new CarriedOps();
  for (const written of [piece(4, 6), { origin: 'a', seq: 6 }, piece(6, 7), piece(7, 9)]) ops.add(written);
  expect(ops.after('a', 4)).toEqual({ upTo: 9, text: '5..6,7..7,8..9' });
  expect(ops.after('a', 7)).toEqual({ upTo: 9, text: '8..9' });
  for (const seq of [0, 5, 9, 10]) expect(ops.after('a', seq)).toBeUndefined();
  expect(ops.after('b', 4)).toBeUndefined();
  ops.add(piece(11, 12)); // 10 and 11 were not told
  expect(ops.after('a', 7)).toBeUndefined();
  expect(ops.after('a', 11)).toEqual({ upTo: 12, text: '12..12' });
});

test('begins anew with another origin, forgets what was dropped from the log, and keeps what one answer carries', () => {
  const ops = new CarriedOps();
  ops.add(piece(0, 3));
  ops.add(piece(0, 2, 'b'));
  expect(ops.after('a', 0)).toBeUndefined();
  expect(ops.after('b', 0)).toEqual({ upTo: 2, text: '1..2' });
  ops.add(piece(2, 5, 'b'));
  ops.forget(2);
  expect(ops.after('b', 0)).toBeUndefined();
  expect(ops.after('b', 2)).toEqual({ upTo: 5, text: '3..5' });
  ops.add(piece(5, 6, 'b', 'x'.repeat(replicationLimits.carriedBytes)));
  expect(ops.after('b', 2)).toBeUndefined();
  expect(ops.after('b', 5)?.upTo).toBe(6);
});
