import type { PieceIndex } from '@peerage/bittorrent';
import { type BlockId, isWholeId, ordinalOfBlock } from './block-id.ts';
import type { MemberKey, PeerKey } from './transfer-events.ts';

/** In the place of an ordinal: all blocks. */
const WHOLE = -1;

/**
 * An open piece: it has a buffer, and blocks of it are on their way, or it is being verified and written.
 *
 * Always true: a block is arrived (its sender known), or missing; `copies[ordinal]` connections are asked for it, 0 once it arrived;
 * at most one connection at a time is writing into a block's place (`#claims`), so a late copy can never overwrite an arrived block;
 * while a connection is asked for the whole piece in one request no block has arrived;
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
  /** Who is writing into the place of a block, or as the only one into all of them. */
  readonly #claims = new Map<number, PeerKey>();
  owner: PeerKey | undefined;
  /** Since when the owner, or none, is it. */
  ownerSinceMs = 0;
  /** How often it was begun anew because blocks might not be mixed. */
  restarts = 0;
  phase: 'filling' | 'held' | 'verifying' = 'filling';
  arrivedCount = 0;
  /** No block below this is missing and unasked. */
  #cursor = 0;
  /** The sum of `copies`. */
  #askedCount = 0;

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

  /** Nothing of it is here, on its way, or asked for: it may be asked for in one request. */
  get isUntouched(): boolean {
    return this.arrivedCount === 0 && this.#askedCount === 0 && this.#claims.size === 0;
  }

  asked(id: BlockId): void {
    for (let ordinal = this.#first(id); ordinal < this.#end(id); ordinal++) {
      this.copies[ordinal]!++;
      this.#askedCount++;
    }
  }

  /** One connection less is asked for it. */
  unasked(id: BlockId): void {
    for (let ordinal = this.#first(id); ordinal < this.#end(id); ordinal++) {
      this.copies[ordinal]!--;
      this.#askedCount--;
      if (this.copies[ordinal] === 0 && ordinal < this.#cursor) this.#cursor = ordinal;
    }
  }

  arrived(id: BlockId, sender: MemberKey): void {
    for (let ordinal = this.#first(id); ordinal < this.#end(id); ordinal++) {
      this.senders[ordinal] = sender;
      this.arrivedCount++;
    }
  }

  /** Somebody else is asked for what arrived, too. */
  isAskedAgain(id: BlockId): boolean {
    return isWholeId(id) ? this.#askedCount > 0 : this.copies[ordinalOfBlock(id)]! > 0;
  }

  /** Makes the connection the only one that writes there; false where another one does. */
  claim(id: BlockId, peer: PeerKey): boolean {
    const key = isWholeId(id) ? WHOLE : ordinalOfBlock(id);
    const writer = this.#claims.get(key);
    const isTaken = key === WHOLE ? this.#claims.size > 0 : this.#claims.has(WHOLE) || writer !== undefined;
    if (isTaken && writer !== peer) return false;
    this.#claims.set(key, peer);
    return true;
  }

  /** The connection writes there no more. */
  endClaim(id: BlockId): void {
    this.#claims.delete(isWholeId(id) ? WHOLE : ordinalOfBlock(id));
  }

  get isClaimed(): boolean {
    return this.#claims.size > 0;
  }

  /** Who writes into the block's place. */
  writer(ordinal: number): PeerKey | undefined {
    return this.#claims.get(ordinal) ?? this.#claims.get(WHOLE);
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

  #first(id: BlockId): number {
    return isWholeId(id) ? 0 : ordinalOfBlock(id);
  }

  #end(id: BlockId): number {
    return isWholeId(id) ? this.blockCount : ordinalOfBlock(id) + 1;
  }

  /** Members that sent at least one block. */
  members(): Set<MemberKey> {
    const members = new Set<MemberKey>();
    for (const sender of this.senders) if (sender !== undefined) members.add(sender);
    return members;
  }
}
