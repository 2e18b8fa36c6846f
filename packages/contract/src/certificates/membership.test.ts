import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CertifiedMembership, encodeMembership, parseMembership } from './membership.ts';

const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const membership: fc.Arbitrary<CertifiedMembership> = fc.record({
  group: id,
  user: id,
  device: id,
  application: id,
  login: id,
});

it('a membership comes back as it was written, in 82 bytes', () => {
  fc.assert(
    fc.property(membership, (written) => {
      const bytes = encodeMembership(written);
      expect(bytes).toHaveLength(82);
      expect(parseMembership(bytes)).toEqual(written);
    }),
  );
});

it('any bytes are a membership or refused, and what is read is written the same', () => {
  const nearly = fc.tuple(
    fc.constantFrom(4, 5),
    fc.constantFrom(80, 81),
    fc.uint8Array({ minLength: 79, maxLength: 81 }),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    nearly.map(([tag, length, rest]) => Uint8Array.from([tag, length, ...rest])),
  );
  fc.assert(
    fc.property(bytes, (value) => {
      const fits = value.length === 82 && value[0] === 4 && value[1] === 80;
      if (fits) expect(encodeMembership(parseMembership(value))).toEqual(Uint8Array.from(value));
      else expect(() => parseMembership(value)).toThrow(expect.objectContaining({ code: 'protocol' }));
    }),
  );
});
