import { BLOCK_BYTES, type Block, type Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import type { MemberKey, PeerKey } from './transfer-events.ts';

/** At the most. */
const BLOCKS_PER_PIECE = PIECE_BYTES / BLOCK_BYTES;

/** One number for a block of the share: what tables of blocks are keyed by. */
export type BlockId = number;

export function blockId(piece: PieceIndex, ordinal: number): BlockId {
  return piece * BLOCKS_PER_PIECE + ordinal;
}

export function pieceOfBlock(id: BlockId): PieceIndex {
  return Math.floor(id / BLOCKS_PER_PIECE) as PieceIndex;
}

export function ordinalOfBlock(id: BlockId): number {
  return id % BLOCKS_PER_PIECE;
}

/** The number of a block cut as {@link Geometry.blockAt} cuts; undefined for any other range. */
export function idOfBlock(geometry: Geometry, block: Block): BlockId | undefined {
  const ordinal = block.offsetBytes / geometry.blockBytes;
  if (!Number.isInteger(ordinal)) return undefined;
  const rest = geometry.pieceLengthBytes(block.piece) - block.offsetBytes;
  return block.lengthBytes === Math.min(geometry.blockBytes, rest) ? blockId(block.piece, ordinal) : undefined;
}

/**
 * An open piece: it has a buffer, and blocks of it are on their way, or it is being verified and written.
 *
 * Always true: a block is arrived (its sender known), or missing; `copies[ordinal]` connections are asked for it, 0 once it arrived;
 * at most one connection at a time is writing into a block's place (`claims`), so a late copy can never overwrite an arrived block;
 * `owner` is the connection that the whole piece comes from, undefined while it waits for one to take it over.
 */
export class PieceAssembly {
  readonly piece: PieceIndex;
  readonly blockCount: number;
  /** Its blocks may come from one member only: it was bad before, and whoever sends it now is to be known exactly. */
  readonly alone: boolean;
  /** Who sent each arrived block. */
  readonly senders: (MemberKey | undefined)[];
  readonly copies: Uint8Array;
  readonly claims = new Map<number, PeerKey>();
  owner: PeerKey | undefined;
  /** Since when the owner, or none, is it. */
  ownerSinceMs = 0;
  /** How often it was begun anew because blocks might not be mixed. */
  restarts = 0;
  phase: 'filling' | 'held' | 'verifying' = 'filling';
  arrivedCount = 0;
  /** No block below this is missing and unasked. */
  #cursor = 0;

  constructor(piece: PieceIndex, blockCount: number, alone: boolean) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.alone = alone;
    this.senders = new Array<MemberKey | undefined>(blockCount).fill(undefined);
    this.copies = new Uint8Array(blockCount);
  }

  get isWhole(): boolean {
    return this.arrivedCount === this.blockCount;
  }

  isMissing(ordinal: number): boolean {
    return this.senders[ordinal] === undefined;
  }

  /** The first block that is missing and that nobody is asked for. */
  nextUnasked(): number | undefined {
    while (this.#cursor < this.blockCount) {
      if (this.copies[this.#cursor] === 0 && this.isMissing(this.#cursor)) return this.#cursor;
      this.#cursor++;
    }
    return undefined;
  }

  asked(ordinal: number): void {
    this.copies[ordinal]!++;
  }

  /** One connection less is asked for the block. */
  unasked(ordinal: number): void {
    this.copies[ordinal]!--;
    if (this.copies[ordinal] === 0 && ordinal < this.#cursor) this.#cursor = ordinal;
  }

  arrived(ordinal: number, sender: MemberKey): void {
    this.senders[ordinal] = sender;
    this.arrivedCount++;
  }

  /** Forgets every arrived block whose sender fails the test; they are fetched again. Returns how many. */
  drop(isDropped: (sender: MemberKey) => boolean): number {
    let dropped = 0;
    for (let ordinal = 0; ordinal < this.blockCount; ordinal++) {
      const sender = this.senders[ordinal];
      if (sender === undefined || !isDropped(sender)) continue;
      this.senders[ordinal] = undefined;
      this.arrivedCount--;
      dropped++;
      if (ordinal < this.#cursor) this.#cursor = ordinal;
    }
    return dropped;
  }

  /** Members that sent at least one block. */
  members(): Set<MemberKey> {
    const members = new Set<MemberKey>();
    for (const sender of this.senders) if (sender !== undefined) members.add(sender);
    return members;
  }
}
