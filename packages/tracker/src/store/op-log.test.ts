import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Op } from '../replication/op.ts';
import { OpLog } from './op-log.ts';
import { openDatabase } from './sqlite-format.ts';

const ORIGINS = ['a'.repeat(16), 'b'.repeat(16)];
const LONG = 'x'.repeat(40_000);

const commit = fc.record({
  origin: fc.nat(1),
  ops: fc.array(fc.constantFrom('', 'ä"\u{1f600}', LONG, null), { minLength: 1, maxLength: 3 }),
});
const transaction = fc.record({
  commits: fc.array(commit, { minLength: 1, maxLength: 4 }),
  fails: fc.constantFrom(false, false, true),
});

it('gives back what was added, in order, behind any number, but for what was taken back or dropped', () => {
  const play = (transactions: (typeof transaction extends fc.Arbitrary<infer T> ? T : never)[], dropped: number) => {
    const db = openDatabase(':memory:');
    const log = new OpLog(db);
    let held: (Op & { text: string | null })[] = [];
    let hlc = 0;
    for (const { commits, fails } of transactions) {
      const before = [...held];
      db.exec('BEGIN');
      for (const { origin: which, ops } of commits) {
        const origin = ORIGINS[which]!;
        const first = held.filter((op) => op.origin === origin).length + 1;
        hlc++;
        for (const [index, word] of ops.entries()) {
          const text = word === null ? null : JSON.stringify(word);
          const at = { origin, seq: first + index, last: first + ops.length - 1, hlc };
          const op = { ...at, entity: 'intent', key: `k${index}`, value: null, text } as const;
          log.add(op, text);
          held.push(op);
        }
      }
      if (fails) {
        db.exec('ROLLBACK');
        log.forgetOpen();
        held = before;
      } else {
        log.endPiece();
        db.exec('COMMIT');
      }
    }
    const plain = ({ origin, seq, last, hlc, entity, key, text }: Op & { text: string | null }) => [
      origin,
      seq,
      last,
      hlc,
      entity,
      key,
      text,
    ];
    const check = (from: number) => {
      for (const origin of ORIGINS) {
        const all = held.filter((op) => op.origin === origin);
        for (let seq = from; seq <= all.length; seq++) {
          expect([...log.after(origin, seq)].map(plain)).toEqual(all.slice(seq).map(plain));
        }
      }
    };
    check(0);
    const oldest = log.oldest(dropped);
    for (const [origin, upTo] of oldest) {
      const last = held.find((op) => op.origin === origin && op.seq === upTo)!;
      expect(last.last).toBe(upTo); // at the end of a commit
    }
    expect([...oldest.values()].reduce((sum, upTo) => sum + upTo, 0)).toBeLessThanOrEqual(dropped);
    expect(log.oldest(held.length).size).toBe(new Set(held.map(({ origin }) => origin)).size);
    for (const origin of ORIGINS) log.drop(origin, dropped);
    check(dropped);
    db.close();
  };
  fc.assert(fc.property(fc.array(transaction, { minLength: 1, maxLength: 6 }), fc.nat(12), play), { numRuns: 60 });
});
