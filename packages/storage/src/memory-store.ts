import { Bitfield, type Geometry, type PieceIndex } from '@peerage/bittorrent';
import { checkReading, checkWriting } from './piece-bytes.ts';
import { type PieceStore, StoreError, type StoreFailure } from './piece-store.ts';

export interface MemoryStoreOptions {
  /** A complete file to serve; its length is the geometry's size. */
  readonly content?: Uint8Array;
  /** Asked before every operation: a failure to end it with, or undefined. */
  readonly fail?: (operation: MemoryStoreOperation, piece?: PieceIndex) => StoreFailure | undefined;
}

export type MemoryStoreOperation = 'read' | 'write' | 'checkpoint' | 'finish' | 'discard';

/** A piece store without a disk, for tests and the simulator. Everything happens within the microtasks of the call. */
export class MemoryStore implements PieceStore {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  readonly #pieces: (Uint8Array | undefined)[];
  readonly #fail: MemoryStoreOptions['fail'];
  readonly #unverified = new Map<PieceIndex, Uint8Array>();
  #open = true;

  constructor(geometry: Geometry, options: MemoryStoreOptions = {}) {
    this.geometry = geometry;
    this.#fail = options.fail;
    this.#pieces = new Array(geometry.pieceCount);
    this.have = Bitfield.empty(geometry);
    const { content } = options;
    if (!content) return;
    if (content.length !== geometry.sizeBytes) throw new RangeError('content and geometry differ in size');
    for (const piece of geometry.pieces()) {
      const offsetBytes = geometry.pieceOffsetBytes(piece);
      this.#pieces[piece] = content.subarray(offsetBytes, offsetBytes + geometry.pieceLengthBytes(piece));
      this.have.set(piece);
    }
  }

  async readPiece(piece: PieceIndex, into: Uint8Array): Promise<void> {
    this.#begin('read', piece);
    checkReading(this, piece, into);
    into.set(this.#pieces[piece]!);
  }

  async writePiece(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    await this.writeUnverified(piece, bytes);
    this.keepPiece(piece);
  }

  async writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void> {
    this.#begin('write', piece);
    checkWriting(this.geometry, piece, bytes);
    if (!this.have.has(piece)) this.#unverified.set(piece, Uint8Array.from(bytes));
  }

  keepPiece(piece: PieceIndex): void {
    if (this.have.has(piece) || !this.#open) return;
    const bytes = this.#unverified.get(piece);
    if (bytes === undefined) throw new RangeError(`piece ${piece} was not written`);
    this.#unverified.delete(piece);
    this.#pieces[piece] = bytes;
    this.have.set(piece);
  }

  async checkpoint(): Promise<void> {
    this.#begin('checkpoint');
  }

  async finish(): Promise<string> {
    this.#begin('finish');
    if (!this.have.isFull) throw new RangeError('finish() before the last piece');
    return 'memory';
  }

  async close(): Promise<void> {
    this.#open = false;
  }

  async discard(): Promise<void> {
    if (this.#open) this.#begin('discard');
    this.#open = false;
    this.#pieces.fill(undefined);
  }

  #begin(operation: MemoryStoreOperation, piece?: PieceIndex): void {
    if (!this.#open) throw new StoreError('io', 'the store is closed');
    const failure = this.#fail?.(operation, piece);
    if (failure) throw new StoreError(failure, `${operation} was made to fail with ${failure}`);
  }
}
