import type { Geometry } from '@peerage/bittorrent';
import type { OpenFile } from '../open-file.ts';

export interface HashPlan {
  /** Open until the job has ended. */
  readonly file: OpenFile;
  readonly geometry: Geometry;
  /** One SHA-1 of the whole file, one of every piece, or all of these. */
  readonly want: 'file' | 'pieces' | 'both';
  /** Pieces from the file's beginning on that may be read already; the rest is told by `makeAvailable`. */
  readonly availablePieces: number;
  /** It follows a download: what comes from the wire goes first. */
  readonly follows?: true;
  /** Of threads that hash one file together, each every so manieth part of it; what comes out is written to `sha1s`. */
  readonly inTurns?: HashTurns;
  readonly onProgress?: (pieces: number) => void;
  readonly signal?: AbortSignal;
}

export interface HashTurns {
  readonly place: number;
  readonly threads: number;
  /** Of a Sha1Relay. */
  readonly relay: SharedArrayBuffer;
  /** The file's 20 bytes, and 20 bytes a piece. */
  readonly sha1s: SharedArrayBuffer;
}

export interface HashResult {
  /** 20 bytes, or 20 bytes a piece, or the file's 20 and then those of the pieces. Only pieces before `pieces` count, and the whole file's only where that is all of them. */
  readonly sha1s: Uint8Array;
  /** Pieces read: fewer than the geometry has where the file ends early. */
  readonly pieces: number;
}

export interface HashJob {
  /** Rejects with StoreError, or with the signal's reason. The job has ended by then. */
  readonly result: Promise<HashResult>;
  makeAvailable(pieces: number): void;
  /** Ends it; a result not there yet is rejected. */
  end(): Promise<void>;
}
