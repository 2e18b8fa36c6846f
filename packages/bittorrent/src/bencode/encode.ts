import type { BencodeValue } from './decode.ts';

const LETTER_D = 0x64;
const LETTER_E = 0x65;
const LETTER_L = 0x6c;

/** Canonical bencoding (BEP 3). Keys are latin-1 texts and are sorted here; numbers must be safe integers. */
export function encodeBencode(value: BencodeValue): Uint8Array {
  const writer = new Writer();
  write(value, writer);
  return writer.done();
}

function write(value: BencodeValue, to: Writer): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`bencode has no number ${value}`);
    to.latin1(`i${value === 0 ? 0 : value}e`);
  } else if (value instanceof Uint8Array) {
    to.latin1(`${value.length}:`);
    to.bytes(value);
  } else if (value instanceof Map) {
    to.byte(LETTER_D);
    for (const key of [...value.keys()].sort(byCharacter)) {
      to.latin1(`${key.length}:${key}`);
      write(value.get(key)!, to);
    }
    to.byte(LETTER_E);
  } else {
    to.byte(LETTER_L);
    for (const item of value as readonly BencodeValue[]) write(item, to);
    to.byte(LETTER_E);
  }
}

const byCharacter = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Bytes that grow by doubling: metainfo of 64 MiB is not gathered from millions of parts. */
class Writer {
  #buffer = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    this.#grow(1);
    this.#buffer[this.#length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#grow(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  latin1(text: string): void {
    this.#grow(text.length);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0xff) throw new RangeError('a bencode key is latin-1: one character for each byte');
      this.#buffer[this.#length++] = code;
    }
  }

  done(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + by));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
