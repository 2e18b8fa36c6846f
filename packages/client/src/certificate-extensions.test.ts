import 'reflect-metadata';
import { X509Certificate } from '@peculiar/x509';
import { MEMBERSHIP_OID, parseMembership } from '@peerage/contract';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { extensionsOf } from './certificate-extensions.ts';
import { MemoryIssuer, type TestCertificate } from './net/test-bed/memory-issuer.ts';

let issuer: MemoryIssuer;
let leaf: TestCertificate;

beforeAll(async () => {
  issuer = await MemoryIssuer.make();
  leaf = await issuer.certify({ group: 'ab'.repeat(16) });
});

const read = (from: (der: Uint8Array) => Uint8Array[], der: Uint8Array): string[] | 'refused' => {
  try {
    return from(der).map((value) => Buffer.from(value).toString('hex'));
  } catch {
    return 'refused';
  }
};

/** By the library that made it. */
const byLibrary = (der: Uint8Array): Uint8Array[] =>
  new X509Certificate(Uint8Array.from(der)).extensions
    .filter(({ type }) => type === MEMBERSHIP_OID)
    .map(({ value }) => new Uint8Array(value));

const bySelf = (der: Uint8Array): Uint8Array[] => extensionsOf(der, MEMBERSHIP_OID);

test('the membership is read from a leaf, nothing from an issuer, and other extensions by their own identifiers', () => {
  expect(parseMembership(bySelf(leaf.der)[0]!)).toEqual(leaf.member);
  expect(bySelf(leaf.der)).toHaveLength(1);
  expect(bySelf(issuer.der)).toEqual([]);
  expect(extensionsOf(issuer.der, '2.5.29.19')).toHaveLength(1);
});

test('what has bytes behind it, is cut short, or is something else is refused', () => {
  for (const der of [
    Buffer.concat([leaf.der, Buffer.of(0)]),
    leaf.der.subarray(0, -1),
    Buffer.of(4, 1, 0),
    Buffer.of(),
  ]) {
    expect(() => bySelf(der)).toThrow();
  }
});

test('of a changed certificate the same is read as by the library with its schema, or it is refused', () => {
  const changes = fc.array(fc.record({ at: fc.nat({ max: leaf.der.length - 1 }), to: fc.nat({ max: 255 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(changes, (all) => {
      const der = Uint8Array.from(leaf.der);
      for (const { at, to } of all) der[at] = to;
      const [found, wanted] = [read(bySelf, der), read(byLibrary, der)];
      if (found !== 'refused' && wanted !== 'refused') expect(found).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['refused', '']).toContain(read(bySelf, bytes).toString());
    }),
  );
});
