import { Bitfield, type Geometry, type PeerMessage, type PieceIndex } from '@peerage/bittorrent';
import { Availability } from './availability.ts';
import { Downlink } from './downlink.ts';
import type { PeerSession } from './peer-session.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import { Random } from './random.ts';
import type { RequestTally } from './request-window.ts';
import { ALL_RULES, type Rules } from './rules.ts';
import { Suspicion } from './suspicion.ts';
import type { MemberKey, PeerKey, TransferEffect } from './transfer-events.ts';
import { DEFAULT_LIMITS, type TransferLimits } from './transfer-limits.ts';
import { Uplink } from './uplink.ts';
import { Withholding } from './withholding.ts';

export interface TransferOptions {
  readonly geometry: Geometry;
  /** What is stored already; copied. */
  readonly have: Bitfield;
  /** Pieces that nobody here wants (files of a folder that were not chosen); of no meaning for those that are stored. */
  readonly skip?: Bitfield;
  /** For the transfer's own generator: equal seeds and events give equal effects. */
  readonly seed: number;
  readonly paused?: boolean;
  readonly nowMs: number;
  readonly limits?: Partial<TransferLimits>;
  /** All where left out. */
  readonly rules?: Partial<Rules>;
}

/**
 * What the verbs of one transfer share.
 *
 * Always true (proved by invariants.ts): each piece is exactly one of: had (`have`), open (`open`), wanted (`availability.wanted`), skipped
 * (`skipped`), or bad before and not yet open again (`suspicion.retries`). No more pieces are opened than `maxOpenPieces`. `orphans` are the filling pieces
 * without an owner.
 */
export class TransferState {
  readonly geometry: Geometry;
  readonly have: Bitfield;
  /** Neither had nor wanted. */
  readonly skipped: Bitfield;
  readonly limits: TransferLimits;
  readonly rules: Rules;
  readonly random: Random;
  readonly availability: Availability;
  readonly suspicion = new Suspicion();
  readonly withholding = new Withholding();
  readonly tally: RequestTally;
  readonly sessions = new Map<PeerKey, PeerSession>();
  readonly open = new Map<PieceIndex, PieceAssembly>();
  readonly orphans = new Set<PieceAssembly>();
  readonly uplink = new Uplink();
  readonly downlink = new Downlink();
  /** From an unchoke to the first request, on the mean of all peers. */
  servedRoundTripMs = 0;
  /** From the last block of a piece to its `have`, on the mean of all peers; 0 until one came. */
  confirmedMs = 0;
  /** Grants beyond what the uplink should need, and when that changed last (granting.ts). */
  spareGrants = 0;
  spareSinceMs = 0;
  /** Of a seeder: who is getting a piece that it is not seen with yet, and where to look for the next one (spreading.ts). */
  readonly assigned = new Map<PieceIndex, PeerSession>();
  spreadCursor = 0;
  /** There may be pieces that nobody has or is getting. */
  givesFresh = true;
  /** Connections with requests that wait, in the order in which they began to. */
  readonly line = new Set<PeerSession>();
  /** Verified bytes by who sent them. */
  readonly sources = new Map<MemberKey, number>();
  maxOpenPieces: number;
  paused: boolean;
  /** A write failed: nothing is opened or handed to the disk until the store is ready again. */
  storeBlocked = false;
  completedTold: boolean;
  /** Connections that told their pieces and lack some. */
  leecherCount = 0;
  /** Bytes received that were of no use: unwanted, doubled, wrong. */
  wastedBytes = 0;
  nowMs: number;
  /** Somebody who was asked has been silent for long: others are wanted in its place. */
  hasLaggard = false;
  /** All connections are to be looked at again at the end of this event. */
  refill = false;
  /** Whether these are of interest is to be looked at again at the end of this event. */
  readonly unsure = new Set<PeerSession>();
  /** Who is served is to be decided again at the end of this event. */
  rechoke = false;
  wakeAtMs: number | undefined;
  /** When the connections were looked at last, and when again. */
  lookedMs: number;
  lookAtMs = 0;
  #effects: TransferEffect[] = [];

  constructor(options: TransferOptions) {
    this.geometry = options.geometry;
    this.have = options.have.copy();
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.rules = { ...ALL_RULES, ...options.rules };
    this.random = new Random(options.seed);
    this.tally = { blocks: 0, geometry: options.geometry };
    this.availability = new Availability(options.geometry);
    this.skipped = Bitfield.empty(options.geometry);
    for (const piece of options.geometry.pieces()) {
      if (this.have.has(piece)) continue;
      if (options.skip?.has(piece)) this.skipped.set(piece);
      else this.availability.want(piece);
    }
    this.maxOpenPieces = this.limits.maxOpenPieces;
    this.paused = options.paused ?? false;
    this.completedTold = this.isComplete;
    this.nowMs = options.nowMs;
    this.lookedMs = options.nowMs;
  }

  /** Everything wanted is had. */
  get isComplete(): boolean {
    return this.lackedCount === 0;
  }

  /** Pieces that are still to come. */
  get lackedCount(): number {
    return this.geometry.pieceCount - this.have.count - this.skipped.count;
  }

  lacks(piece: PieceIndex): boolean {
    return !this.have.has(piece) && !this.skipped.has(piece);
  }

  emit(effect: TransferEffect): void {
    this.#effects.push(effect);
  }

  send(session: PeerSession, message: PeerMessage): void {
    session.spokeMs = this.nowMs;
    this.#effects.push({ type: 'send', peer: session.peer, message });
  }

  takeEffects(): TransferEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Blocks that all connections together are asked for. */
  get askedBlocks(): number {
    return this.tally.blocks;
  }

  /** Every missing piece is open. */
  get isEndgame(): boolean {
    if (this.availability.wanted.count > 0) return false;
    for (const piece of this.suspicion.retries.keys()) if (!this.open.has(piece)) return false;
    return true;
  }

  /** The piece waits to be opened from now on. */
  want(piece: PieceIndex): void {
    this.availability.want(piece);
    for (const session of this.sessions.values()) {
      if (session.has.has(piece) && session.wantedCount++ === 0) this.unsure.add(session);
    }
  }

  unwant(piece: PieceIndex): void {
    if (!this.availability.wanted.has(piece)) return;
    this.availability.unwant(piece);
    for (const session of this.sessions.values()) {
      if (session.has.has(piece) && --session.wantedCount === 0) this.unsure.add(session);
    }
  }
}
