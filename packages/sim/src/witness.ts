import type { Bitfield, Block, PieceIndex } from '@peerage/bittorrent';
import type { PeerKey, TransferEffect, TransferEvent } from '@peerage/swarm';

/** Copies of one block that may be asked for at once. */
const COPIES_MOST = 3;

/**
 * Watches one transfer from outside and throws where it does what it must never do: ask for what it has, ask a peer for what that peer
 * has not told, ask twice for a block while other pieces could be opened, open more pieces than it has buffers.
 */
export class Witness {
  readonly #have: Bitfield;
  #budget = 0;
  /** Blocks asked for and not answered, by connection. */
  readonly #asked = new Map<PeerKey, Set<string>>();
  readonly #told = new Map<PeerKey, { fast: boolean; all: boolean; pieces: Set<PieceIndex> }>();
  readonly #open = new Set<PieceIndex>();

  constructor(have: Bitfield) {
    this.#have = have;
  }

  before(event: TransferEvent): void {
    switch (event.type) {
      case 'peer_joined':
        this.#asked.set(event.peer, new Set());
        this.#told.set(event.peer, { fast: event.fast, all: false, pieces: new Set() });
        break;
      case 'peer_left':
        this.#asked.delete(event.peer);
        break;
      case 'message':
        this.#heard(event);
        break;
      case 'block_arrived':
      case 'block_unwanted':
        this.#asked.get(event.peer)?.delete(nameOf(event.block));
        break;
      case 'piece_stored':
      case 'piece_bad':
      case 'store_failed':
        this.#open.delete(event.piece);
        break;
      case 'buffer_budget':
        this.#budget = event.pieces;
        break;
    }
  }

  after(effects: readonly TransferEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'release_piece') this.#open.delete(effect.piece);
      else if (effect.type === 'disconnect') this.#asked.delete(effect.peer);
      else if (effect.type === 'send' && effect.message.type === 'cancel') {
        this.#asked.get(effect.peer)!.delete(nameOf(effect.message.block));
      } else if (effect.type === 'send' && effect.message.type === 'request') {
        this.#request(effect.peer, effect.message.block);
      }
    }
  }

  #heard(event: Extract<TransferEvent, { type: 'message' }>): void {
    const { message } = event;
    const told = this.#told.get(event.peer)!;
    if (message.type === 'have_all') told.all = true;
    else if (message.type === 'have') told.pieces.add(message.piece);
    else if (message.type === 'choke' && !told.fast) this.#asked.get(event.peer)?.clear();
    else if (message.type === 'reject_request') this.#asked.get(event.peer)?.delete(nameOf(message.block));
    else if (message.type === 'bitfield') {
      for (const piece of this.#have.geometry.pieces()) {
        if ((message.bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0) told.pieces.add(piece);
      }
    }
  }

  #request(peer: PeerKey, block: Block): void {
    const name = nameOf(block);
    const told = this.#told.get(peer)!;
    if (this.#have.has(block.piece)) throw new Error(`asked for ${name}, which it has`);
    if (!told.all && !told.pieces.has(block.piece)) throw new Error(`asked ${peer} for ${name}, which that one lacks`);
    let copies = 0;
    for (const [other, asked] of this.#asked) {
      if (!asked.has(name)) continue;
      if (other === peer) throw new Error(`asked ${peer} twice for ${name}`);
      copies++;
    }
    const isOpened = !this.#open.has(block.piece);
    this.#open.add(block.piece);
    if (copies >= COPIES_MOST) throw new Error(`asked for ${copies + 1} copies of ${name}`);
    const isLast = this.#have.count + this.#open.size === this.#have.geometry.pieceCount;
    if (copies > 0 && !isLast && this.#open.size < this.#budget) {
      throw new Error(`asked for a copy of ${name} while ${this.#open.size} of ${this.#budget} buffers are in use`);
    }
    if (isOpened && this.#open.size > this.#budget)
      throw new Error(`opened ${this.#open.size} pieces with ${this.#budget} buffers`);
    this.#asked.get(peer)!.add(name);
  }
}

function nameOf(block: Block): string {
  return `${block.piece}+${block.offsetBytes}+${block.lengthBytes}`;
}
