import type { PieceStore } from '@peerage/storage';
import { type DownloadPlan, openDownload, RunningHash } from '@peerage/storage';
import type { Dialer } from '../net/dialer.ts';
import type { Member } from '../net/transport.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import type { PieceCache } from '../runtime/piece-cache.ts';
import type { EngineEvent } from './engine-protocol.ts';

/** The SHA-1 of the whole file, made behind the download. */
interface WholeFileHash {
  /** More pieces are stored. */
  advance(): void;
  /** 20 bytes, when everything is stored and hashed. */
  digest(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface OpenedFetch {
  readonly store: PieceStore;
  readonly wholeFile: WholeFileHash;
}

/** Rejects with StoreError, and then leaves nothing open. */
export type OpenFetch = (plan: DownloadPlan) => Promise<OpenedFetch>;

/** The download on the disk that the plan names. */
export const openFetchOnDisk: OpenFetch = async (plan) => {
  const { store } = await openDownload(plan);
  try {
    return { store, wholeFile: await RunningHash.start(store) };
  } catch (error) {
    await store.close();
    throw error;
  }
};

/** What shares have in common: one engine's. */
export interface SharePorts {
  readonly nowMs: () => number;
  readonly pool: BufferPool;
  readonly cache: PieceCache;
  readonly dialer: Dialer;
  readonly openFetch: OpenFetch;
  /** How often a source is looked at while nobody reads it. */
  readonly sourceWatchMs: number;
  /** Connections for that group can be made and accepted now. */
  readonly reaches: (group: string) => boolean;
  /** Null: nobody is logged in. */
  readonly self: () => Member | null;
  readonly emit: (event: EngineEvent) => void;
  /** Who lacks pieces and has peers changed: the buffers are to be dealt out anew. */
  readonly dealBuffers: () => void;
  /** Something moves again: snapshots are due. */
  readonly wakeSnapshots: () => void;
}
