import type { Geometry, PieceIndex } from './geometry.ts';

/** Which pieces somebody has: one bit a piece, high bit first (BEP 3), spare bits zero. */
export class Bitfield {
  readonly geometry: Geometry;
  readonly bytes: Uint8Array;
  #count = 0;

  private constructor(geometry: Geometry, bytes: Uint8Array) {
    this.geometry = geometry;
    this.bytes = bytes;
  }

  static empty(geometry: Geometry): Bitfield {
    return new Bitfield(geometry, new Uint8Array(Math.ceil(geometry.pieceCount / 8)));
  }

  static full(geometry: Geometry): Bitfield {
    const field = Bitfield.empty(geometry);
    for (const piece of geometry.pieces()) field.set(piece);
    return field;
  }

  /** Bytes as a peer sent them: undefined where the length is wrong or a spare bit is set (BEP 3: drop the connection). */
  static parse(geometry: Geometry, bytes: Uint8Array): Bitfield | undefined {
    if (bytes.length !== Math.ceil(geometry.pieceCount / 8)) return undefined;
    const spareBits = bytes.length * 8 - geometry.pieceCount;
    if (spareBits > 0 && (bytes[bytes.length - 1]! & ((1 << spareBits) - 1)) !== 0) return undefined;
    const field = new Bitfield(geometry, Uint8Array.from(bytes));
    for (const byte of field.bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) field.#count++;
    return field;
  }

  /** Pieces present. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.geometry.pieceCount;
  }

  has(piece: PieceIndex): boolean {
    return (this.bytes[piece >> 3]! & (0x80 >> (piece & 7))) !== 0;
  }

  /** True where the bit was not set before. */
  set(piece: PieceIndex): boolean {
    if (this.has(piece)) return false;
    this.bytes[piece >> 3]! |= 0x80 >> (piece & 7);
    this.#count++;
    return true;
  }

  clear(piece: PieceIndex): boolean {
    if (!this.has(piece)) return false;
    this.bytes[piece >> 3]! &= ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }

  copy(): Bitfield {
    const field = new Bitfield(this.geometry, Uint8Array.from(this.bytes));
    field.#count = this.#count;
    return field;
  }
}
