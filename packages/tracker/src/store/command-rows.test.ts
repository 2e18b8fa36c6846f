import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommandRows } from './command-rows.ts';
import { openDatabase } from './sqlite-format.ts';

const KEYS = ['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/\u{1f600}', 'b/\uffff', 'c'];
const FROM_TO = [
  ['', '\u{10ffff}'],
  ['a/', 'a0'],
  ['a/2', 'b/2'],
  ['b/', 'b0'],
] as const;
const LAST_FEW = 3;

const step = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'write', 'writeNew', 'drop', 'open'),
  key: fc.constantFrom(...KEYS),
  fails: fc.constantFrom(false, false, false, true),
});

it('gives commands by key, in order and counted, in the index or not yet, whatever was written, dropped, taken back or opened anew', () => {
  const play = (steps: readonly { kind: string; key: string; fails: boolean }[]) => {
    const db = openDatabase(':memory:');
    let rows = new CommandRows(db, LAST_FEW);
    let model = new Map<string, string>();
    for (const [index, { kind, key, fails }] of steps.entries()) {
      const [text, stamp] = [`"${index}"`, { hlc: index, origin: 'o', seq: index }];
      const before = new Map(model);
      db.exec('BEGIN');
      if (kind === 'insert') {
        expect(rows.insert(key, text, stamp)).toBe(!model.has(key));
        if (!model.has(key)) model.set(key, text);
      } else if (kind === 'write' || (kind === 'writeNew' && !model.has(key))) {
        rows.write(key, text, stamp, kind === 'writeNew');
        model.set(key, text);
      } else if (kind === 'drop') {
        rows.drop(key);
        model.delete(key);
      }
      rows.indexWhereMany();
      if (fails) {
        db.exec('ROLLBACK');
        rows.read();
        model = before;
      } else db.exec('COMMIT');
      if (kind === 'open') rows = new CommandRows(db, LAST_FEW);
      for (const known of KEYS) expect(rows.get(known)?.['value']).toBe(model.get(known));
      const sorted = [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const [from, to] of FROM_TO) {
        const wanted = sorted.filter(
          ([key]) =>
            Buffer.compare(Buffer.from(key), Buffer.from(from)) >= 0 &&
            Buffer.compare(Buffer.from(key), Buffer.from(to)) < 0,
        );
        expect([...rows.between(from, to)].map(({ key, value }) => [key, value])).toEqual(wanted);
        expect(rows.count(from, to)).toBe(wanted.length);
      }
    }
    db.close();
  };
  fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), play), { numRuns: 60 });
});
