import type { ErrorCode, SignedRevocation } from '@peerage/contract/bare';
import type { Membership } from '../net/memberships.ts';
import type { RefusedConnection } from '../net/mutual-tls.ts';
import type { TransferFacts } from '../why/facts.ts';
import type { Inspection } from './inspection.ts';

/** Messages between the client's main thread and the engine's worker thread. Plain data; piece bytes never cross. */

/** A share in the engine: its info-hash, 40 hex digits (one info-hash belongs to one group). */
export type ShareId = string;

export interface PeerCandidate {
  /** Device id, 32 hex digits: what blame, bans and statistics go by. */
  readonly device: string;
  readonly user: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** What the main thread asks; each is answered by {@link EngineAnswer} with the same `id`. */
export type EngineRequest =
  | { readonly type: 'listen'; readonly host: string; readonly port: number }
  /** Who we are on the wire from now on; null: nobody is logged in (no connection is accepted or made). */
  | { readonly type: 'identify'; readonly self: { readonly device: string; readonly user: string } | null }
  /**
   * Offer a complete file. `identity` is what the file was when its pieces were last read (storage's file identity as text, '' unknown):
   * where it differs now, the pieces are read again before anything is served; equal: `source_verified`, else `source_problem` (changed).
   * Where the file can't be offered now the request is refused, but the engine goes on looking: once it can, `source_verified` tells it.
   */
  | {
      readonly type: 'seed';
      readonly share: ShareId;
      readonly info: Uint8Array;
      readonly path: string;
      readonly identity: string;
    }
  /** Fetch to `<destination>.part`, then to `destination`; goes on where the journal says. Stays offered afterwards. */
  | {
      readonly type: 'fetch';
      readonly share: ShareId;
      readonly info: Uint8Array;
      readonly destination: string;
      readonly journal: string;
      readonly paused: boolean;
      /** Patterns that choose files of a folder; left out: all of it. */
      readonly only?: readonly string[];
      /** What lies under its final name and is wrong is taken back and mended. */
      readonly repair?: boolean;
    }
  /** A tracker certified this device for a group (net/memberships.ts): from now on connections for its shares can be made. */
  | { readonly type: 'membership'; readonly membership: Membership }
  /** This device is in the group no more, or shares and fetches nothing there: the certificate goes, and with it all connections of the group. */
  | { readonly type: 'membership_ended'; readonly group: string }
  /** Ids that count no more, as a tracker says, or as this home knew before: open connections whose certificate names one end at once, and peers are told. */
  /** Out for ever: DER. */
  | { readonly type: 'issuers_retired'; readonly retired: readonly Uint8Array[] }
  | { readonly type: 'revoked'; readonly revoked: readonly SignedRevocation[] }
  /** What explains how fast it is fetched. */
  | { readonly type: 'facts'; readonly share: ShareId }
  /** Read all that is stored of it, and fetch again or stop offering what is wrong. */
  | { readonly type: 'verify'; readonly share: ShareId }
  /** Whoever asked for that waits no longer: it goes on as if it had not been asked. */
  | { readonly type: 'end_verify'; readonly share: ShareId }
  | { readonly type: 'pause'; readonly share: ShareId }
  | { readonly type: 'resume'; readonly share: ShareId }
  /**
   * Stop offering and fetching, close its connections. `discard` removes partial data and journal. `only`: where it is such a thing by now; a download may have
   * become a source, or a source that is gone a download.
   */
  | {
      readonly type: 'stop';
      readonly share: ShareId;
      readonly discard: boolean;
      readonly only?: 'download' | 'source';
    }
  /** Who is online for a share now, as the tracker says; replaces the earlier list. */
  | { readonly type: 'peers'; readonly share: ShareId; readonly peers: readonly PeerCandidate[] }
  /** Every piece and every connection of a share, for whoever looks; null while it is neither offered nor fetched. */
  | { readonly type: 'inspect'; readonly share: ShareId }
  /** Bytes a second both ways, null: no limit. `share` null: the whole client; else that share, which need not be known yet. */
  | {
      readonly type: 'limit';
      readonly share: ShareId | null;
      readonly up: number | null;
      readonly down: number | null;
    }
  | { readonly type: 'shutdown' };

/** `defect`: what went wrong inside, for the log; the message is for people. */
export type EngineAnswer =
  | { readonly id: number; readonly ok: true; readonly value: EngineValue }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly defect?: unknown;
    };

/** `listen` → the address really listened on; `verify` → what was found; `facts` and `inspect` → them; everything else → null. */
export type EngineValue = ListenAddress | VerifyOutcome | TransferFacts | Inspection | null;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface VerifyOutcome {
  /** Pieces that were read, and how many of them were wrong. */
  readonly pieces: number;
  readonly wrongPieces: number;
  /** The sentence on what is wrong with a source. */
  readonly message: string | null;
  /** A source's file is, by inode, size and time, the one that was right before: nobody changed it, its disk did. */
  readonly untouched: boolean;
}

/** Of a folder: files under their final names, those chosen, and all. */
export interface FileCounts {
  readonly done: number;
  readonly chosen: number;
  readonly all: number;
}

export type TransferPhase = 'fetching' | 'verifying' | 'paused' | 'waiting' | 'seeding' | 'failed';

export interface TransferSnapshot {
  readonly share: ShareId;
  readonly phase: TransferPhase;
  /** Of a folder: of the files that are wanted. */
  readonly sizeBytes: number;
  /** Of a folder; null for a file. */
  readonly files: FileCounts | null;
  /** Verified and stored. */
  readonly doneBytes: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Payload sent since the engine knows the share. */
  readonly uploadedBytes: number;
  /** Connected peers that have a piece we lack. */
  readonly usefulPeers: number;
  /** Devices of all connected peers. */
  readonly connected: readonly string[];
  /** Whole copies among them of what is neither here nor being fetched, to two places; null where that is nothing. */
  readonly copies: number | null;
  /** Verified bytes by device, most first. */
  readonly sources: readonly { readonly device: string; readonly user: string; readonly bytes: number }[];
  /** Why it waits or failed. */
  readonly reason: { readonly code: ErrorCode; readonly message: string } | null;
}

/** What the engine tells without being asked. */
export type EngineEvent =
  /** Every 250 ms while something moves, and at every change of phase. */
  | { readonly type: 'snapshots'; readonly transfers: readonly TransferSnapshot[] }
  /** All that is wanted has its final name, whole and verified. `identity` is '' where that is not all of the share. */
  | { readonly type: 'completed'; readonly share: ShareId; readonly path: string; readonly identity: string }
  | { readonly type: 'failed'; readonly share: ShareId; readonly code: ErrorCode; readonly message: string }
  /** A source was read again and is what it was shared as; from now on its identity is this one. */
  | { readonly type: 'source_verified'; readonly share: ShareId; readonly identity: string }
  /** A source can't be offered any more. */
  | {
      readonly type: 'source_problem';
      readonly share: ShareId;
      readonly problem: 'missing' | 'changed' | 'unreadable';
      readonly message: string;
    }
  /** A member connected to this device, for the first time in this run. */
  | { readonly type: 'reached' }
  /** How far a `verify` is; a few times a second. */
  | { readonly type: 'verifying'; readonly share: ShareId; readonly doneBytes: number; readonly totalBytes: number }
  /** Peers told of ids that count no more; their signatures are checked, and they count already. */
  | { readonly type: 'revocations'; readonly revoked: readonly SignedRevocation[] }
  /** A connection was not let in, or cut off. At most 10 a second are told; `untold` were not since the last one. */
  | ({ readonly type: 'refused'; readonly untold: number } & RefusedConnection)
  | {
      readonly type: 'banned';
      readonly share: ShareId;
      readonly device: string;
      readonly user: string;
      readonly message: string;
    };
