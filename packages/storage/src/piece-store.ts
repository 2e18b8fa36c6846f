import type { Bitfield, Geometry, PieceIndex } from '@peerage/bittorrent';

/** Why a store could not do what it was asked. */
export type StoreFailure =
  | 'no_space'
  | 'read_only'
  | 'permission'
  | 'missing'
  | 'changed'
  | 'destination_exists'
  | 'not_a_file'
  | 'unsafe_name'
  | 'newer_format'
  | 'limit'
  | 'io';

export class StoreError extends Error {
  readonly failure: StoreFailure;
  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.failure = failure;
  }
}

/**
 * Where the pieces of one share are. Every implementation passes compliance/piece-store.ts.
 * Failures are StoreError. What counts as stored has been verified by the caller: before `writePiece`, or before `keepPiece`.
 */
export interface PieceStore {
  readonly geometry: Geometry;
  /** What is stored, from the store's opening on (after a resume: what the journal vouches for). The store sets bits, nobody else. */
  readonly have: Bitfield;
  /** Fills `into` (exactly the piece's length) with a piece that `have` holds. */
  readPiece(piece: PieceIndex, into: Uint8Array): Promise<void>;
  /** Resolves when the bytes are with the operating system; from then on `have` holds the piece. */
  writePiece(piece: PieceIndex, bytes: Uint8Array): Promise<void>;
  /**
   * The same while the piece is still being verified, so that a kill does not lose it meanwhile: `have` does not hold it, and the next opening verifies what it finds. Where it turns out wrong
   * nothing is to be done: it is written again when it has come again, after this write has ended.
   */
  writeUnverified(piece: PieceIndex, bytes: Uint8Array): Promise<void>;
  /** What `writeUnverified` has written of the piece is right: from now on `have` holds it. Nothing once the store is closed. */
  keepPiece(piece: PieceIndex): void;
  /** Makes everything written so far survive a power cut: data first, then the journal (engine.md, "Resume"). */
  checkpoint(): Promise<void>;
  /** Only when `have` is full and the whole-file hash matched: gives the file its final name (never overwriting) and resolves to its path. */
  finish(): Promise<string>;
  /** Releases everything held; what was stored stays. Safe to call twice. */
  close(): Promise<void>;
  /** Closes and removes partial data and journal. Never touches a finished or foreign file. */
  discard(): Promise<void>;
}
