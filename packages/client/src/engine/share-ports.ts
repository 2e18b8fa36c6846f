import { type Bitfield, type PieceIndex, pieceHash } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract/bare';
import {
  FolderCheck,
  type FolderDownload,
  openDownload,
  openFolderDownload,
  type PieceStore,
  PieceVerifier,
  type StoreError,
  startRunningHash,
  WrongFileError,
} from '@peerage/storage';
import type { ShareInfo } from '../metainfo/read-share.ts';
import type { Dialer } from '../net/dialer.ts';
import type { TrafficLimits } from '../net/rate-limiter.ts';
import type { Member } from '../net/transport.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import type { PieceCache } from '../runtime/piece-cache.ts';
import type { VerifyPiece } from '../runtime/piece-intake.ts';
import type { EngineEvent } from './engine-protocol.ts';

/** The check of whole files, made behind the download. */
interface ContentCheck {
  /** More pieces are stored. */
  advance(): void;
  /** Resolves when everything wanted is stored and its SHA-1 is right. Rejects with PeerageError 'integrity', StoreError. */
  passed(): Promise<void>;
  close(): Promise<void>;
}

export interface FetchPlan {
  readonly infoHash: string;
  readonly info: ShareInfo;
  readonly destination: string;
  readonly journal: string;
  /** What lies under a final name and is wrong is taken back and mended. */
  readonly repair: boolean;
  /** Pieces or files are read again first, which may take long. */
  readonly onProgress: () => void;
  /** A full disk keeps a whole file from its name, or does no longer. */
  readonly onSpace: (problem: StoreError | undefined) => void;
  readonly signal: AbortSignal;
}

export interface OpenedFetch {
  readonly store: PieceStore;
  readonly check: ContentCheck;
  /** Of each piece that comes; the check goes on with it by the same way through the bytes where it can. */
  readonly verify: VerifyPiece;
  /** A piece is wrong on the disk and to be fetched again. */
  readonly lose: (piece: PieceIndex) => Promise<void>;
  /** Of a folder: pieces that are not wanted, and the store with what it knows of its files. */
  readonly folder?: { readonly skip: Bitfield; readonly store: FolderDownload };
}

/** Rejects with StoreError, and then leaves nothing open. */
export type OpenFetch = (plan: FetchPlan) => Promise<OpenedFetch>;

/** The download on the disk that the plan names. */
export const openFetchOnDisk: OpenFetch = async (fetch) => {
  const { info, infoHash, destination, journal, repair, onProgress, onSpace, signal } = fetch;
  const ofPiece = (piece: PieceIndex) => pieceHash(info, piece);
  const plan = {
    infoHash,
    geometry: info.geometry,
    destination,
    journal,
    repair,
    pieceHash: ofPiece,
    onProgress,
    signal,
  };
  if (info.kind === 'folder') {
    const { store, staging } = await openFolderDownload({ ...plan, files: info.files, chosen: info.chosen });
    const check = new FolderCheck(store, staging, onSpace);
    const verifier = new PieceVerifier(ofPiece);
    return {
      store,
      verify: (piece, bytes, mayWait) => verifier.verify(piece, bytes, mayWait),
      lose: (piece) => store.lose(piece),
      folder: { skip: store.skip(), store },
      check: {
        advance: () => check.advance(),
        close: () => check.close(),
        passed: () =>
          check.passed().catch((error: unknown) => {
            throw error instanceof WrongFileError ? damaged(`${info.name}/${error.path}`) : error;
          }),
      },
    };
  }
  const { store } = await openDownload(plan);
  try {
    const wholeFile = await startRunningHash(store, ofPiece);
    return {
      store,
      verify: (piece, bytes, mayWait) => wholeFile.verify(piece, bytes, mayWait),
      lose: (piece) => store.lose(piece),
      check: {
        advance: () => wholeFile.advance(),
        close: () => wholeFile.close(),
        async passed() {
          if (Buffer.compare(await wholeFile.digest(), info.sha1) !== 0) throw damaged(info.name);
        },
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};

const damaged = (name: string): PeerageError =>
  new PeerageError(
    'integrity',
    `'${name}' does not match the SHA-1 that it was shared with: it was shared damaged, ask for it to be shared again`,
  );

/** What shares have in common: one engine's. */
export interface SharePorts {
  readonly nowMs: () => number;
  readonly pool: BufferPool;
  readonly cache: PieceCache;
  /** What a share may send and receive. */
  readonly limits: (share: string) => TrafficLimits;
  readonly dialer: Dialer;
  readonly openFetch: OpenFetch;
  /** How often a source is looked at while nobody reads it. */
  readonly sourceWatchMs: () => number;
  /** Connections for that group can be made and accepted now. */
  readonly reaches: (group: string) => boolean;
  /** Null: nobody is logged in. */
  readonly self: () => Member | null;
  readonly emit: (event: EngineEvent) => void;
  /** Who lacks pieces and has peers changed: the buffers are to be dealt out anew. */
  readonly dealBuffers: () => void;
  /** Something moves again: snapshots are due. */
  readonly wakeSnapshots: () => void;
  /** A member connected to this device: its address can be reached. */
  readonly reached: () => void;
}
