import type { PieceIndex } from '@peerage/bittorrent';

/** The 20 bytes that the metainfo promises of a piece. */
export type PieceHash = (piece: PieceIndex) => Uint8Array;

/**
 * The SHA-1 of a download's whole file, made while its pieces come. A hash's state is not saved: after a restart it begins at the first byte again.
 */
export interface RunningHash {
  /**
   * Whether these bytes are that piece; where it is the one that the file's hash waits for, that goes on by the same way through the bytes. Others may be verified together,
   * unless they may not wait: the bytes stay as they are until the answer.
   */
  verify(piece: PieceIndex, bytes: Uint8Array, mayWait?: boolean): boolean | Promise<boolean>;
  /** To be called after pieces were stored. */
  advance(): void;
  /** Resolves to 20 bytes once every piece was stored and hashed. StoreError 'changed' | 'io', also when closed before. */
  digest(): Promise<Uint8Array>;
  /** Lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}
