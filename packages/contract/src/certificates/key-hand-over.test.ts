import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeHandOvers, handOverStatement, parseHandOvers } from './key-hand-over.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'));
const entry = fc.record({ from: hex(32), atMs: fc.maxSafeNat(), signature: hex(64) });

it('hand-overs are read as they were written, each leading to the next', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), hex(32), (entries, last) => {
      const chain = entries.map((each, index) => ({ ...each, to: entries[index + 1]?.from ?? last }));
      expect(parseHandOvers(encodeHandOvers(chain), last)).toEqual(chain);
    }),
  );
});

it('whatever is read is written the same again; everything else is refused with `protocol`', () => {
  const near = fc
    .tuple(fc.array(entry, { minLength: 1, maxLength: 9 }), fc.nat(8), fc.nat(255))
    .map(([entries, at, byte]) => {
      const bytes = encodeHandOvers(entries.map((each) => ({ ...each, to: each.from })));
      bytes[at] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 300 })), hex(32), (bytes, last) => {
      let chain: ReturnType<typeof parseHandOvers>;
      try {
        chain = parseHandOvers(bytes, last);
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' });
        return;
      }
      expect(Buffer.from(encodeHandOvers(chain))).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 500 },
  );
});

it('the statement is 87 bytes, as docs/spec/tracker-api.md says', () => {
  const statement = handOverStatement({ from: '01'.repeat(32), to: '02'.repeat(32), atMs: 258 });
  expect(Buffer.from(statement).toString('hex')).toBe(
    `${Buffer.from('peerage-key-v1\0').toString('hex')}${'01'.repeat(32)}${'02'.repeat(32)}0000000000000102`,
  );
});
