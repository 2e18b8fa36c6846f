import type { ErrorCode } from '@peerage/contract';
import type { TransferPhase } from '../engine/engine-protocol.ts';
import type { DialFailure } from '../net/dial-failure.ts';

/** Somebody who is online for a share, as the tracker says, or who is connected. */
export interface PeerFacts {
  readonly user: string;
  readonly device: string;
  readonly connected: boolean;
  /** Addresses that he is dialed at, and how the last try of each that failed did. */
  readonly addresses: number;
  readonly failures: readonly DialFailure[];
  /** Cut off for what he sent. */
  readonly banned: boolean;
  /** Connected: pieces that he has and we lack; whether he serves us; what is asked of him and not come; what comes. */
  readonly lackedPieces: number;
  readonly serves: boolean;
  readonly askedBlocks: number;
  readonly bytesPerSecond: number;
}

/** What the engine knows of a download that explains how fast it is. */
export interface TransferFacts {
  readonly phase: TransferPhase;
  /** Of `waiting` and `failed`, where it is not for lack of peers. */
  readonly reason: { readonly code: ErrorCode; readonly message: string } | null;
  readonly lackedPieces: number;
  /** Pieces that nobody connected has: the first few numbers, and how many. */
  readonly unavailable: { readonly count: number; readonly first: readonly number[] };
  /** Whole pieces that wait for the disk. */
  readonly unstoredPieces: number;
  readonly bytesPerSecond: number;
  /** What you allow it to receive, all limits taken together; null: no limit. */
  readonly limitBytesPerSecond: number | null;
  /** A certificate of the group that is valid now. */
  readonly hasMembership: boolean;
  readonly peers: readonly PeerFacts[];
}

export interface WhyFacts extends TransferFacts {
  readonly state: 'D' | 'C' | 'V' | 'P' | 'W' | 'E';
  readonly hasTracker: boolean;
}
