/**
 * Messages after the handshake (docs/spec/peer-wire.md; BEP 3, 6, 10), read from all bytes at once. Events are texts; the last one is
 * `refused …` where the connection has to be closed. Says also how far a decoder may get when bytes are missing.
 */
export function referenceWire(
  bytes: Uint8Array,
  sizeBytes: number,
  features: { fast: boolean; extended: boolean; whole: boolean },
): string[] {
  const events: string[] = [];
  const pieceCount = Math.ceil(sizeBytes / 524288);
  let at = 0;
  const word = (offset: number): number =>
    ((bytes[at + offset]! * 256 + bytes[at + offset + 1]!) * 256 + bytes[at + offset + 2]!) * 256 +
    bytes[at + offset + 3]!;
  const pieceBytes = (piece: number): number => Math.min(524288, sizeBytes - piece * 524288);
  const inside = (piece: number, offset: number, length: number): boolean =>
    piece < pieceCount &&
    length >= 1 &&
    (length <= 16384 || (features.whole && offset === 0 && length === pieceBytes(piece))) &&
    offset + length <= pieceBytes(piece);

  while (bytes.length - at >= 4) {
    const here = bytes.length - at;
    const length = word(0);
    if (length === 0) {
      events.push('keep_alive');
      at += 4;
      continue;
    }
    if (here < 5) break;
    const id = bytes[at + 4]!;
    const name = names[id];
    if (id >= 13 && id <= 17 && !features.fast) return [...events, 'refused fast_not_negotiated'];
    if (id === 20 && !features.extended) return [...events, 'refused extension_not_negotiated'];
    if (name !== undefined && 'length' in name && name.length !== length) return [...events, 'refused bad_length'];
    if (id === 5 && length !== 1 + Math.ceil(pieceCount / 8)) return [...events, 'refused bad_length'];
    if (id === 7 && length < 10) return [...events, 'refused bad_length'];
    if (id === 7 && length > (features.whole ? 524297 : 16393)) return [...events, 'refused too_long'];
    if (id === 20 && length < 2) return [...events, 'refused bad_length'];
    if ((id === 20 || name === undefined) && length > 65537) return [...events, 'refused too_long'];
    if (id === 7) {
      if (here < 13) break;
      const [piece, offset] = [word(5), word(9)];
      if (!inside(piece, offset, length - 9)) return [...events, 'refused bad_block'];
      events.push(`block begins ${piece} ${offset} ${length - 9}`);
      if (here < 4 + length) break;
      events.push(`block ends ${piece} ${offset} ${hex(bytes.subarray(at + 13, at + 4 + length))}`);
    } else {
      if (here < 4 + length) break;
      const body = bytes.subarray(at + 5, at + 4 + length);
      if (id === 5) {
        const bits = Array.from(body, (byte) => byte.toString(2).padStart(8, '0')).join('');
        if (bits.slice(pieceCount).includes('1')) return [...events, 'refused bad_bitfield'];
        events.push(`bitfield ${hex(body)}`);
      } else if (id === 20) events.push(`extended ${body[0]} ${hex(body.subarray(1))}`);
      else if (name?.fields === 'piece') {
        if (word(5) >= pieceCount) return [...events, 'refused bad_piece'];
        events.push(`${name.name} ${word(5)}`);
      } else if (name?.fields === 'block') {
        if (!inside(word(5), word(9), word(13))) return [...events, 'refused bad_block'];
        events.push(`${name.name} ${word(5)} ${word(9)} ${word(13)}`);
      } else if (name !== undefined) events.push(name.name);
    }
    at += 4 + length;
  }
  return events;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

type Kind =
  | { readonly name: string; readonly fields: 'none' | 'piece' | 'block'; readonly length: number }
  | { readonly name: string; readonly fields: 'body' };

const names: Readonly<Record<number, Kind>> = {
  0: { name: 'choke', fields: 'none', length: 1 },
  1: { name: 'unchoke', fields: 'none', length: 1 },
  2: { name: 'interested', fields: 'none', length: 1 },
  3: { name: 'not_interested', fields: 'none', length: 1 },
  4: { name: 'have', fields: 'piece', length: 5 },
  5: { name: 'bitfield', fields: 'body' },
  6: { name: 'request', fields: 'block', length: 13 },
  7: { name: 'piece', fields: 'body' },
  8: { name: 'cancel', fields: 'block', length: 13 },
  13: { name: 'suggest_piece', fields: 'piece', length: 5 },
  14: { name: 'have_all', fields: 'none', length: 1 },
  15: { name: 'have_none', fields: 'none', length: 1 },
  16: { name: 'reject_request', fields: 'block', length: 13 },
  17: { name: 'allowed_fast', fields: 'piece', length: 5 },
  20: { name: 'extended', fields: 'body' },
};
