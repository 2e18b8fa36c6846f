import type { Geometry } from '@peerage/bittorrent';
import type { OpenFile } from '../open-file.ts';
import type { RelayMemory } from './piece-relay.ts';

export interface HashPlan {
  /** Open until the job has ended. */
  readonly file: OpenFile;
  readonly geometry: Geometry;
  /** One SHA-1 of the whole file, or one of every piece. */
  readonly want: 'file' | 'pieces';
  /** Pieces from the file's beginning on that may be read already; the rest is told by `makeAvailable`. */
  readonly availablePieces: number;
  /** It follows a download: what comes from the wire goes first. */
  readonly follows?: true;
  /** In a thread: what is read for the pieces' hashes is passed on to the job of the whole file's, which reads nothing itself. */
  readonly relay?: RelayMemory;
  readonly onProgress?: (pieces: number) => void;
  readonly signal?: AbortSignal;
}

export interface HashResult {
  /** 20 bytes, or 20 bytes a piece. Only pieces before `pieces` count, and the whole file's only where that is all of them. */
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
