import { Bitfield, type Block, Geometry, type PeerMessage, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { checkInvariants } from '../invariants.ts';
import type { Rules } from '../rules.ts';
import { Transfer } from '../transfer.ts';
import type { TransferEffect, TransferEvent } from '../transfer-events.ts';
import type { TransferLimits } from '../transfer-limits.ts';

export interface PeerScript {
  readonly member?: string;
  readonly fast?: boolean;
  /** Pieces it says it has; all where left out. */
  readonly has?: readonly number[];
  readonly unchokes?: boolean;
}

/** A transfer whose peers and disk a test plays by hand. Every step proves the invariants. */
export class ScriptedTransfer {
  readonly geometry: Geometry;
  readonly transfer: Transfer;
  nowMs = 0;
  /** Requests of the transfer that nobody has answered or cancelled, by peer. */
  readonly asked = new Map<number, Block[]>();
  readonly #slow = new Set<number>();
  /** Pieces handed over to be verified, not reported on yet. */
  readonly verifying: PieceIndex[] = [];

  constructor(options: {
    pieces: number;
    lastPieceBytes?: number;
    have?: readonly number[];
    skip?: readonly number[];
    buffers?: number;
    limits?: Partial<TransferLimits>;
    rules?: Partial<Rules>;
  }) {
    this.geometry = new Geometry((options.pieces - 1) * PIECE_BYTES + (options.lastPieceBytes ?? PIECE_BYTES));
    this.transfer = new Transfer({
      geometry: this.geometry,
      have: this.field(options.have ?? []),
      skip: this.field(options.skip ?? []),
      seed: 1,
      nowMs: 0,
      limits: { maxOpenPieces: options.buffers ?? 16, ...options.limits },
      ...(options.rules === undefined ? {} : { rules: options.rules }),
    });
  }

  field(pieces: readonly number[]): Bitfield {
    const field = Bitfield.empty(this.geometry);
    for (const piece of pieces) field.set(this.piece(piece));
    return field;
  }

  piece(index: number): PieceIndex {
    return this.geometry.piece(index)!;
  }

  block(piece: number, ordinal: number): Block {
    return this.geometry.blockAt(this.piece(piece), ordinal)!;
  }

  tell(event: TransferEvent): TransferEffect[] {
    if (event.type === 'block_arrived' || event.type === 'block_unwanted') this.#answered(event.peer, event.block);
    if (event.type === 'peer_left') this.asked.delete(event.peer);
    const effects = this.transfer.handle(event, this.nowMs);
    for (const effect of effects) {
      if (effect.type === 'verify_piece') this.verifying.push(effect.piece);
      if (effect.type === 'disconnect') this.asked.delete(effect.peer);
      if (effect.type !== 'send') continue;
      if (effect.message.type === 'request') {
        this.asked.set(effect.peer, [...this.askedOf(effect.peer), effect.message.block]);
      }
      if (effect.message.type === 'cancel') this.#answered(effect.peer, effect.message.block);
    }
    checkInvariants(this.transfer);
    return effects;
  }

  askedOf(peer: number): Block[] {
    return this.asked.get(peer) ?? [];
  }

  /** The pieces that a peer is asked for blocks of. */
  piecesAskedOf(peer: number): number[] {
    return [...new Set(this.askedOf(peer).map((block) => block.piece))];
  }

  join(peer: number, script: PeerScript = {}): TransferEffect[] {
    const { member = `member-${peer}`, fast = true, unchokes = true } = script;
    if (!fast) this.#slow.add(peer);
    const effects = this.tell({ type: 'peer_joined', peer, member, fast });
    const isSeeder = script.has === undefined || script.has.length === this.geometry.pieceCount;
    const bits = isSeeder ? Bitfield.full(this.geometry).bytes : this.field(script.has ?? []).bytes;
    effects.push(...this.message(peer, isSeeder && fast ? { type: 'have_all' } : { type: 'bitfield', bits }));
    if (unchokes) effects.push(...this.message(peer, { type: 'unchoke' }));
    return effects;
  }

  message(peer: number, message: PeerMessage): TransferEffect[] {
    if (message.type === 'reject_request') this.#answered(peer, message.block);
    if (message.type === 'choke' && this.#slow.has(peer)) this.asked.delete(peer);
    return this.tell({ type: 'message', peer, message });
  }

  /** The peer sends a block as framing would take it. */
  deliver(peer: number, block: Block): TransferEffect[] {
    const isWanted = this.transfer.wantsBlock(peer, block);
    return this.tell({ type: isWanted ? 'block_arrived' : 'block_unwanted', peer, block });
  }

  /** The peer sends the oldest blocks it was asked for: so many, or of one piece. */
  deliverAsked(peer: number, options: { count?: number; piece?: number } = {}): TransferEffect[] {
    const effects: TransferEffect[] = [];
    const wanted = this.askedOf(peer).filter((block) => options.piece === undefined || block.piece === options.piece);
    for (const block of wanted.slice(0, options.count)) {
      if (this.askedOf(peer).includes(block)) effects.push(...this.deliver(peer, block));
    }
    return effects;
  }

  /** The disk wrote the oldest piece handed over. */
  store(): TransferEffect[] {
    return this.tell({ type: 'piece_stored', piece: this.verifying.shift()! });
  }

  /** These peers send all they are asked for, the disk writes all it is given, `stepMs` apart, until the transfer is complete. */
  complete(peers: readonly number[], options: { stepMs?: number; count?: number } = {}): void {
    for (let turn = 0; !this.transfer.isComplete; turn++) {
      if (turn === 1_000) throw new Error('the transfer does not get on');
      this.nowMs += options.stepMs ?? 0;
      for (const peer of peers) this.deliverAsked(peer, options);
      while (this.verifying.length > 0) this.store();
    }
  }

  tick(afterMs: number): TransferEffect[] {
    this.nowMs += afterMs;
    return this.tell({ type: 'tick' });
  }

  #answered(peer: number, block: Block): void {
    const { piece, offsetBytes, lengthBytes } = block;
    const isOther = (asked: Block) =>
      asked.piece !== piece || asked.offsetBytes !== offsetBytes || asked.lengthBytes !== lengthBytes;
    this.asked.set(peer, this.askedOf(peer).filter(isOther));
  }
}

export function sent(effects: readonly TransferEffect[], peer: number): PeerMessage[] {
  return effects.flatMap((effect) => (effect.type === 'send' && effect.peer === peer ? [effect.message] : []));
}

export function ofType<Type extends TransferEffect['type']>(
  effects: readonly TransferEffect[],
  type: Type,
): Extract<TransferEffect, { type: Type }>[] {
  return effects.filter((effect): effect is Extract<TransferEffect, { type: Type }> => effect.type === type);
}
