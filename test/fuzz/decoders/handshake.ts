import { encodeHandshake, type Handshake, HandshakeReader, parseInfoHash, WireError } from '@peerage/bittorrent';
import { Random } from '@peerage/swarm';
import { accepted, attempt, cut, type Decoder, demand, refused, sameBytes, seedOf } from '../decoder.ts';

type Read = { readonly handshake: Handshake; readonly consumedBytes: number } | undefined;

/** BEP 3's handshake, given whole, byte by byte, and cut anywhere. */
export const handshake: Decoder = {
  name: 'handshake',
  words: ['\x13BitTorrent protocol', 'BitTorrent', '\x13'],
  maxBytes: 300,
  seeds: () =>
    [false, true].flatMap((fast) =>
      [false, true].map((extended) => {
        const bytes = encodeHandshake({
          infoHash: parseInfoHash('ab'.repeat(20))!,
          peerId: Buffer.from('-PG0100-0123456789ab'),
          fast,
          extended,
        });
        return fast === extended ? bytes : Buffer.concat([bytes, Buffer.from('more')]);
      }),
    ),
  check(input) {
    const prefix = Buffer.from(input.subarray(0, 20));
    const isOurs = Buffer.from('\x13BitTorrent protocol', 'latin1').subarray(0, prefix.length).equals(prefix);
    for (const chunks of [
      [input],
      cut(input, new Random(seedOf(input))),
      Array.from(input, (byte) => Uint8Array.of(byte)),
    ]) {
      const got = attempt(
        () => readFrom(chunks),
        (error) => error instanceof WireError && error.reason === 'bad_protocol',
      );
      demand('refusal' in got === !isOurs, 'accepts another protocol, or refuses its own');
      if ('refusal' in got) continue;
      demand((got.value !== undefined) === input.length >= 68, 'ends before or after its 68 bytes');
      if (got.value === undefined) continue;
      demand(got.value.consumedBytes === 68, 'takes other bytes than its 68');
      demand(
        sameBytes(encodeHandshake(got.value.handshake), known(input)),
        'encodes to other bytes than it was read from',
      );
    }
    if (!isOurs) return refused('another protocol');
    return accepted(input.length < 68 ? 'unfinished' : 'finished');
  },
};

function readFrom(chunks: readonly Uint8Array[]): Read {
  const reader = new HandshakeReader();
  let before = 0;
  for (const chunk of chunks) {
    const read = reader.push(chunk);
    if (read !== undefined) return { handshake: read.handshake, consumedBytes: before + read.consumedBytes };
    before += chunk.length;
  }
  return undefined;
}

/** The handshake with all reserved bits off that mean nothing to us. */
function known(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input.subarray(0, 68));
  for (let at = 20; at < 28; at++) bytes[at]! &= at === 25 ? 0x10 : at === 27 ? 0x04 : 0;
  return bytes;
}
