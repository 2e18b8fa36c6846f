import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SignedRevocation } from '../values.ts';
import { encodeRevocations, parseRevocations, REVOCATION_BYTES, revocationStatement } from './revocation.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const revocation: fc.Arbitrary<SignedRevocation> = fc.record({
  kind: fc.constantFrom('application', 'login', 'device'),
  id: hex(16),
  atMs: fc.integer({ min: 0, max: 2 ** 42 - 1 }),
  issuer: hex(16),
  signature: hex(64),
});

it('revocations come back as they were written, in 105 bytes each', () => {
  fc.assert(
    fc.property(fc.array(revocation, { maxLength: 5 }), (written) => {
      const bytes = encodeRevocations(written);
      expect(bytes).toHaveLength(written.length * REVOCATION_BYTES);
      expect(parseRevocations(bytes)).toEqual(written);
    }),
  );
});

it('any bytes are revocations or refused, and what is read is written the same', () => {
  const nearly = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ minLength: 104, maxLength: 104 }));
  const rows = fc
    .array(nearly, { maxLength: 3 })
    .map((all) => Buffer.concat(all.map(([kind, rest]) => Buffer.from([kind, ...rest]))));
  const low = rows.map((bytes) => {
    for (let at = 17; at < bytes.length; at += REVOCATION_BYTES) bytes.writeUInt16BE(0, at);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(rows, low, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        expect(Buffer.from(encodeRevocations(parseRevocations(bytes)))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' });
      }
    }),
  );
});

it('what is signed differs wherever a row does', () => {
  fc.assert(
    fc.property(revocation, revocation, (one, other) => {
      const isSame = one.kind === other.kind && one.id === other.id && one.atMs === other.atMs;
      expect(Buffer.compare(revocationStatement(one), revocationStatement(other)) === 0).toBe(isSame);
    }),
  );
});
