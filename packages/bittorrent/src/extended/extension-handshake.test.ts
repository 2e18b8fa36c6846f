import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../wire/wire-error.ts';
import { type ExtensionHandshake, encodeExtensionHandshake, parseExtensionHandshake } from './extension-handshake.ts';

const bytes = (latin1: string): Uint8Array => new Uint8Array(Buffer.from(latin1, 'latin1'));

const anyHandshake: fc.Arbitrary<ExtensionHandshake> = fc.record(
  {
    messageIds: fc
      .array(fc.tuple(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), fc.integer({ min: 1, max: 255 })), {
        maxLength: 5,
      })
      .map((entries) => new Map(entries)),
    client: fc.string({ unit: 'grapheme', maxLength: 8 }),
    listenPort: fc.integer({ min: 1, max: 65_535 }),
    requestQueueDepth: fc.nat(),
    device: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString('hex')),
    user: fc.string({ unit: 'grapheme', maxLength: 8 }),
    mostBlockBytes: fc.integer({ min: 16_384, max: 2 ** 31 }),
  },
  { requiredKeys: ['messageIds'] },
);

test('written by hand', () => {
  const handshake: ExtensionHandshake = {
    messageIds: new Map([['ut_metadata', 3]]),
    client: 'Peerage 0.1',
    listenPort: 6881,
    requestQueueDepth: 2048,
    device: '61'.repeat(16),
    user: 'ann',
    mostBlockBytes: 524_288,
  };
  const encoded = bytes(
    `d1:md11:ut_metadatai3ee1:pi6881e13:peerage_blocki524288e14:peerage_device16:${'a'.repeat(16)}12:peerage_user3:ann4:reqqi2048e1:v11:Peerage 0.1e`,
  );
  expect(encodeExtensionHandshake(handshake)).toEqual(encoded);
  expect(parseExtensionHandshake(encoded)).toEqual(handshake);
});

test('as libtorrent 2.0 sends it: keys that are not ours are passed over', () => {
  const payload = bytes(
    'd12:complete_agoi1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei100e4:reqqi500e11:upload_onlyi1e1:v16:libtorrent/2.0.86:yourip4:\x7f\0\0\x01e',
  );
  const parsed = parseExtensionHandshake(payload);
  expect(parsed).toMatchObject({ client: 'libtorrent/2.0.8', requestQueueDepth: 500 });
  expect(parsed.messageIds.get('ut_pex')).toBe(1);
  expect(parsed).not.toHaveProperty('listenPort');
});

test('what is said with 0 is not said: an extension switched off, a port that nobody listens on', () => {
  expect(parseExtensionHandshake(bytes('d1:md6:ut_pexi0ee1:pi0ee'))).toEqual({ messageIds: new Map() });
});

describe('refused', () => {
  test.each([
    ['', 'no value'],
    ['le', 'no dictionary'],
    ['i1e', 'no dictionary'],
    ['d1:v1:a1:mdee', 'keys not sorted'],
    ['de1', 'bytes behind'],
    ['d1:mi1ee', 'm is no dictionary'],
    ['d1:md1:ai256eee', 'an id above 255'],
    ['d1:md1:ai-1eee', 'an id below 0'],
    ['d1:md1:a1:beee', 'an id that is no number'],
    ['d1:pi65536ee', 'a port above 65535'],
    ['d1:pi-1ee', 'a port below 0'],
    ['d1:p2:aae', 'a port that is no number'],
    ['d4:reqqi-1ee', 'reqq below 0'],
    ['d13:peerage_blocki16383ee', 'blocks shorter than everybody takes'],
    ['d13:peerage_block6:524288e', 'a length of blocks that is no number'],
    ['d1:vi1ee', 'v is no text'],
    ['d1:v1:\xffe', 'v is not UTF-8'],
    [`d1:v257:${'v'.repeat(257)}e`, 'v is too long'],
    ['d14:peerage_device15:aaaaaaaaaaaaaaae', 'a device id that is too short'],
    ['d12:peerage_useri1ee', 'a user that is no text'],
    [`d12:peerage_user321:${'u'.repeat(321)}e`, 'a user that is too long'],
    [`d1:a${'l'.repeat(8)}${'e'.repeat(8)}e`, 'nested too deep'],
    [`d1:al${'0:'.repeat(1000)}ee`, 'too many tokens'],
    [`d1:a70000:${'x'.repeat(70_000)}e`, 'more than 64 KiB'],
    [`d1:md${Array.from({ length: 65 }, (_, id) => `3:${100 + id}i1e`).join('')}ee`, 'more than 64 extensions'],
  ])('%.40j: %s', (payload) => {
    expect(() => parseExtensionHandshake(bytes(payload))).toThrowError(
      expect.objectContaining({ name: 'WireError', reason: 'bad_extension_handshake' }),
    );
  });
});

test('comes back from its bytes; changed bytes are refused or read, never a crash', () => {
  const change = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(anyHandshake, change, (handshake, changes) => {
      const encoded = encodeExtensionHandshake(handshake);
      expect(parseExtensionHandshake(encoded)).toEqual(handshake);
      for (const [at, byte] of changes) encoded[at % encoded.length] = byte;
      try {
        const parsed = parseExtensionHandshake(encoded);
        expect(parseExtensionHandshake(encodeExtensionHandshake(parsed))).toEqual(parsed);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
