import 'reflect-metadata';
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { Extension, X509CertificateGenerator } from '@peculiar/x509';
import { encodeHandOvers, HAND_OVERS_OID, handOverStatement, type KeyHandOver } from '@peerage/contract';
import { expect, it } from 'vitest';
import { leadsFrom } from './hand-overs.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_750_000_000_000;

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const raw = (key: KeyObject): string =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url').toString('hex');
const pin = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex');

function handOver(from: KeyObject, to: KeyObject, atMs = NOW_MS, signer = from): KeyHandOver {
  const unsigned = { from: raw(from), to: raw(to), atMs };
  return { ...unsigned, signature: sign(null, handOverStatement(unsigned), signer).toString('hex') };
}

async function certificateOf(key: KeyObject, ...values: Uint8Array<ArrayBuffer>[]): Promise<X509Certificate> {
  const algorithm = { name: 'Ed25519' };
  const keys = {
    privateKey: key.toCryptoKey(algorithm, false, ['sign']),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
  } as webcrypto.CryptoKeyPair;
  const extensions = values.map((value) => new Extension(HAND_OVERS_OID, false, value));
  const made = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=test', keys, signingAlgorithm: algorithm, extensions },
    webcrypto,
  );
  return new X509Certificate(Buffer.from(made.rawData));
}

const [first, second, third, mallory] = [newKey(), newKey(), newKey(), newKey()];
const follow = async (from: KeyObject, to: KeyObject, chain: KeyHandOver[], nowMs = NOW_MS) =>
  leadsFrom(pin(from), await certificateOf(to, encodeHandOvers(chain)), nowMs);

it('a key that the known one signed is followed, over several too', async () => {
  expect(await follow(first, second, [handOver(first, second)])).toBe(true);
  const chain = [handOver(first, second), handOver(second, third)];
  expect(await follow(first, third, chain)).toBe(true);
  expect(await follow(second, third, chain)).toBe(true);
});

it('no other key is: unsigned, signed by another, for another, of another, in a certificate that is not its', async () => {
  expect(leadsFrom(pin(first), await certificateOf(second), NOW_MS)).toBe(false);
  expect(await follow(first, second, [handOver(first, second, NOW_MS, mallory)])).toBe(false);
  expect(await follow(first, mallory, [handOver(first, second)])).toBe(false);
  expect(await follow(first, second, [handOver(mallory, second)])).toBe(false);
  const broken = [handOver(first, second), handOver(second, third, NOW_MS, mallory)];
  expect(await follow(first, third, broken)).toBe(false);
  const stretched = { ...handOver(first, second, NOW_MS - 40 * DAY_MS), atMs: NOW_MS };
  expect(await follow(first, second, [stretched])).toBe(false);
});

it('counts for 30 days', async () => {
  const chain = [handOver(first, second)];
  expect(await follow(first, second, chain, NOW_MS + 30 * DAY_MS - 1)).toBe(true);
  expect(await follow(first, second, chain, NOW_MS + 30 * DAY_MS)).toBe(false);
  expect(await follow(first, second, chain, NOW_MS - 2 * DAY_MS)).toBe(false);
  const late = [handOver(first, second, NOW_MS - 31 * DAY_MS), handOver(second, third)];
  expect([await follow(first, third, late), await follow(second, third, late)]).toEqual([false, true]);
});

it('a certificate with anything else in its place is of another key', async () => {
  const good = encodeHandOvers([handOver(first, second)]);
  for (const values of [[good, good], [good.slice(1)], [good.slice(0, -1)], [new Uint8Array(2)]]) {
    expect(leadsFrom(pin(first), await certificateOf(second, ...values), NOW_MS)).toBe(false);
  }
});
