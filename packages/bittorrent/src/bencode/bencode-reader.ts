/** Bytes that are not the one canonical bencoding (BEP 3) of a value, or more of them than allowed. */
export class BencodeError extends Error {
  readonly reason: 'malformed' | 'limit';

  constructor(reason: 'malformed' | 'limit', what: string, offset: number) {
    super(`${what} (byte ${offset})`);
    this.name = 'BencodeError';
    this.reason = reason;
  }
}

export interface BencodeLimits {
  readonly maxBytes: number;
  /** Integers, byte strings (keys too), lists and dictionaries together. */
  readonly maxTokens: number;
  /** Lists and dictionaries inside each other. */
  readonly maxDepth: number;
}

const MAX_KEY_BYTES = 255;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const MINUS = 0x2d;
const LETTER_D = 0x64;
const LETTER_E = 0x65;
const LETTER_I = 0x69;
const LETTER_L = 0x6c;

/**
 * Walks over strictly canonical bencoding, one token at a time, without recursion and without copying: byte strings are views.
 * Always true: `#at` is the next unread byte; `#lastKeys` has one element for every open list (null) or dictionary (its last key, '' before
 * the first), so its length is the depth. Every method throws BencodeError where the bytes are not what it reads.
 * Key texts are latin-1: one character for each byte, so that comparing texts compares bytes.
 */
export class BencodeReader {
  readonly #bytes: Uint8Array;
  readonly #limits: BencodeLimits;
  readonly #lastKeys: (string | null | undefined)[] = [];
  #at = 0;
  #tokens = 0;

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    if (bytes.length > limits.maxBytes) throw this.#over(`more than ${limits.maxBytes} bytes`);
  }

  /** What begins at the next byte. */
  peek(): 'integer' | 'bytes' | 'list' | 'dictionary' | 'end' {
    const byte = this.#bytes[this.#at];
    if (byte === LETTER_I) return 'integer';
    if (byte === LETTER_L) return 'list';
    if (byte === LETTER_D) return 'dictionary';
    if (byte === LETTER_E) return 'end';
    if (byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9) return 'bytes';
    throw this.#wrong(byte === undefined ? 'the value is cut off' : 'no value begins here');
  }

  integer(): number {
    this.#token(LETTER_I, 'an integer');
    const negative = this.#bytes[this.#at] === MINUS;
    if (negative) this.#at++;
    const magnitude = this.#digits();
    if (negative && magnitude === 0) throw this.#wrong('minus zero');
    this.#expect(LETTER_E, 'the end of an integer');
    return negative ? -magnitude : magnitude;
  }

  /** A byte string as a view of the bytes read. */
  byteString(): Uint8Array {
    if (this.peek() !== 'bytes') throw this.#wrong('a byte string is expected');
    this.#count();
    const length = this.#digits();
    this.#expect(COLON, 'the colon of a byte string');
    if (length > this.#bytes.length - this.#at) throw this.#wrong('a byte string runs past the end');
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  enterList(): void {
    this.#token(LETTER_L, 'a list');
    this.#open(null);
  }

  enterDictionary(): void {
    this.#token(LETTER_D, 'a dictionary');
    this.#open(undefined);
  }

  /** The next key of the open dictionary; keys must ascend. */
  key(): string {
    const start = this.#at;
    const bytes = this.byteString();
    if (bytes.length > MAX_KEY_BYTES) throw this.#over(`a key of more than ${MAX_KEY_BYTES} bytes`);
    let key = '';
    for (let at = 0; at < bytes.length; at++) key += String.fromCharCode(bytes[at]!);
    const last = this.#lastKeys[this.#lastKeys.length - 1];
    if (typeof last === 'string' && key <= last) {
      throw new BencodeError('malformed', key === last ? 'a key comes twice' : 'keys are not sorted', start);
    }
    this.#lastKeys[this.#lastKeys.length - 1] = key;
    return key;
  }

  /** Whether the open list or dictionary ends here; reads its end if so. */
  leaveAtEnd(): boolean {
    if (this.peek() !== 'end') return false;
    this.#at++;
    this.#lastKeys.pop();
    return true;
  }

  /** Nothing may follow the outermost value. */
  finish(): void {
    if (this.#at < this.#bytes.length) throw this.#wrong('bytes follow the value');
  }

  #token(letter: number, what: string): void {
    this.#expect(letter, what);
    this.#count();
  }

  #count(): void {
    if (++this.#tokens > this.#limits.maxTokens) throw this.#over(`more than ${this.#limits.maxTokens} tokens`);
  }

  #open(lastKey: null | undefined): void {
    if (this.#lastKeys.push(lastKey) > this.#limits.maxDepth) {
      throw this.#over(`more than ${this.#limits.maxDepth} lists and dictionaries inside each other`);
    }
  }

  #expect(letter: number, what: string): void {
    if (this.#bytes[this.#at] !== letter) throw this.#wrong(`${what} is expected`);
    this.#at++;
  }

  #digits(): number {
    const start = this.#at;
    let value = 0;
    for (let byte = this.#bytes[this.#at]; byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9; ) {
      value = value * 10 + (byte - DIGIT_0);
      if (value > Number.MAX_SAFE_INTEGER) throw this.#wrong('a number above 2^53 - 1');
      byte = this.#bytes[++this.#at];
    }
    if (this.#at === start) throw this.#wrong('a digit is expected');
    if (this.#bytes[start] === DIGIT_0 && this.#at > start + 1) throw this.#wrong('a number begins with zero');
    return value;
  }

  #wrong(what: string): BencodeError {
    return new BencodeError('malformed', what, this.#at);
  }

  #over(what: string): BencodeError {
    return new BencodeError('limit', what, this.#at);
  }
}
