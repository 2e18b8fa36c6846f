const LETTER_D = 0x64;
const LETTER_E = 0x65;
const LETTER_L = 0x6c;

/**
 * Writes bencoding (BEP 3) one token at a time into bytes that grow by doubling, so that metainfo of 64 MiB needs no tree of values.
 * Who writes a dictionary gives its keys in order; keys are latin-1 texts, one character for each byte.
 */
export class BencodeWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`bencode has no number ${value}`);
    this.#latin1(`i${value === 0 ? 0 : value}e`);
  }

  byteString(value: Uint8Array): void {
    this.#latin1(`${value.length}:`);
    this.#grow(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  key(key: string): void {
    this.#latin1(`${key.length}:${key}`);
  }

  list(): void {
    this.#byte(LETTER_L);
  }

  dictionary(): void {
    this.#byte(LETTER_D);
  }

  /** Ends the innermost open list or dictionary. */
  end(): void {
    this.#byte(LETTER_E);
  }

  /** What has been written. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #byte(value: number): void {
    this.#grow(1);
    this.#buffer[this.#length++] = value;
  }

  #latin1(text: string): void {
    this.#grow(text.length);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0xff) throw new RangeError('a bencode key is latin-1: one character for each byte');
      this.#buffer[this.#length++] = code;
    }
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + by));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
