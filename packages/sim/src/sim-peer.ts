import type { Block, Geometry, PeerMessage, PieceIndex } from '@peerage/bittorrent';
import { Random, type Rules, type Transfer, type TransferEffect, type TransferEvent } from '@peerage/swarm';
import type { Connection, Direction, End } from './connection.ts';
import type { BlockPacket } from './packet.ts';
import type { PeerTraits } from './peer-traits.ts';
import { PieceBuffers } from './piece-buffers.ts';
import { SimDisk } from './sim-disk.ts';
import { type PeerEffect, TransferLife } from './transfer-life.ts';
import { Uplink } from './uplink.ts';
import type { VirtualClock } from './virtual-clock.ts';

const RECONNECT_MS = 3_000;
/** What a peer that leaves has in its sockets still goes out. */
const LAST_WORDS_MS = 200;

interface SimPeerOptions {
  readonly name: string;
  readonly index: number;
  readonly traits: PeerTraits;
  readonly geometry: Geometry;
  readonly seed: number;
  readonly rules: Partial<Rules>;
  readonly checkEvery: number;
  readonly isWitnessed: boolean;
}

/** A peer: the real transfer, and in place of the runtime virtual sockets, buffers and disk. */
export class SimPeer implements End {
  readonly name: string;
  readonly index: number;
  readonly traits: PeerTraits;
  readonly disk: SimDisk;
  readonly connections = new Map<number, Connection>();
  /** What it says on each connection: apart from them, for that is looked up at every message. */
  readonly #outbound = new Map<number, Direction>();
  readonly bannedMembers = new Set<string>();
  completedAtMs: number | undefined;
  wastedBytes = 0;
  /** Told where a connection ended for a reason that may pass: the scenario's swarm connects again. */
  onLostTouch: (peer: SimPeer) => void = () => {};
  /** Told of each step of the transfer. */
  onStep: (peer: SimPeer, event: TransferEvent, effects: readonly TransferEffect[]) => void = () => {};
  readonly #clock: VirtualClock;
  readonly #geometry: Geometry;
  readonly #random: Random;
  readonly #lives: Pick<SimPeerOptions, 'rules' | 'checkEvery' | 'isWitnessed'>;
  readonly #uplink: Uplink;
  readonly #buffers: PieceBuffers;
  uploadedBytes = 0;
  #isGone = false;
  #downFreeAtMs = 0;
  #life: TransferLife;
  #bufferCount: number;

  constructor(clock: VirtualClock, options: SimPeerOptions) {
    this.#clock = clock;
    this.name = options.name;
    this.index = options.index;
    this.traits = options.traits;
    this.#geometry = options.geometry;
    this.#buffers = new PieceBuffers(options.geometry);
    this.#random = new Random(options.seed);
    this.#lives = options;
    this.#uplink = new Uplink(clock, {
      owner: options.index,
      bytesPerSecond: options.traits.upBytesPerSecond,
      socketBytes: options.traits.socketBytes,
      onTaken: (direction, block) => this.#taken(direction.key, block),
    });
    this.disk = new SimDisk(clock, {
      owner: options.index,
      geometry: options.geometry,
      isSeeder: options.traits.isSeeder,
      writeMs: options.traits.writeMs,
      fullSpans: options.traits.diskFullSpans,
      failingWrite: options.traits.failingWrite,
    });
    this.#bufferCount = options.traits.buffers;
    this.#life = this.#begin();
    if (this.transfer.isComplete) this.completedAtMs = 0;
    for (const [fromMs, untilMs] of options.traits.awaySpans) {
      clock.at(fromMs, this.index, () => this.#leave());
      clock.at(untilMs, this.index, () => this.#return());
    }
    for (const [atMs, buffers] of options.traits.bufferChanges) {
      clock.at(atMs, this.index, () => {
        this.#bufferCount = buffers;
        this.#tell({ type: 'buffer_budget', pieces: buffers });
      });
    }
  }

  get transfer(): Transfer {
    return this.#life.transfer;
  }

  get isAway(): boolean {
    return this.#life.isOver;
  }

  get downBytesPerSecond(): number {
    return this.traits.downBytesPerSecond;
  }

  get uplinkNow(): Uplink['now'] {
    return this.#uplink.now;
  }

  /** Something is on its downlink. */
  get isReceiving(): boolean {
    return this.#downFreeAtMs > this.#clock.nowMs;
  }

  get isHonest(): boolean {
    return this.traits.wrongPercent === 0;
  }

  /** The run is about how it fares. */
  get isCounted(): boolean {
    const { isSeeder, isFreeRider, isSilent, isSlow } = this.traits;
    return this.isHonest && !isSeeder && !isFreeRider && !isSilent && !isSlow;
  }

  connected(connection: Connection): void {
    this.connections.set(connection.key, connection);
    this.#outbound.set(connection.key, connection.from(this));
    const other = connection.other(this);
    this.#tell({ type: 'peer_joined', peer: connection.key, member: other.name, fast: connection.fast });
    if (connection.wholePieces) this.#tell({ type: 'whole_pieces', peer: connection.key });
  }

  /** The connection is no more; the transfer knows. */
  forget(connection: Connection): void {
    this.connections.delete(connection.key);
    this.#outbound.delete(connection.key);
  }

  /** The other side ended the connection. */
  lost(connection: Connection): void {
    if (!this.connections.delete(connection.key)) return;
    this.#outbound.delete(connection.key);
    this.#tell({ type: 'peer_left', peer: connection.key });
    this.#clock.after(RECONNECT_MS, this.index, () => this.onLostTouch(this));
  }

  /** So many bytes come in from `startMs` at the earliest: answers when the last is here. */
  receive(sizeBytes: number, startMs: number): number {
    const durationMs = (sizeBytes * 1000) / this.traits.downBytesPerSecond;
    this.#downFreeAtMs = Math.max(this.#downFreeAtMs, startMs) + durationMs;
    return this.#downFreeAtMs;
  }

  /** A block's head is here: answers whether its payload goes into the piece's buffer, and begins to write it there. */
  blockBegins(from: number, block: Block): boolean {
    if (this.isAway || !this.transfer.wantsBlock(from, block)) return false;
    this.#buffers.put(block, 'torn');
    return true;
  }

  blockArrived(from: number, { block, isWrong, isTaken }: BlockPacket): void {
    if (isTaken) this.#buffers.put(block, isWrong ? 'wrong' : 'right');
    this.#tell({ type: isTaken ? 'block_arrived' : 'block_unwanted', peer: from, block });
  }

  messageArrived(from: number, message: PeerMessage): void {
    if (this.traits.isFreeRider && message.type === 'interested') return;
    this.#tell({ type: 'message', peer: from, message });
  }

  #begin(): TransferLife {
    const { rules, checkEvery, isWitnessed } = this.#lives;
    return new TransferLife(this.#clock, {
      owner: this.index,
      geometry: this.#geometry,
      have: this.disk.have,
      seed: this.#random.word(),
      rules,
      buffers: this.#bufferCount,
      checkEvery,
      isWitnessed,
      onStep: (event, effects) => this.onStep(this, event, effects),
      onEffect: (effect) => this.#do(effect),
    });
  }

  #leave(): void {
    this.#life.end();
    this.wastedBytes += this.transfer.snapshot().wastedBytes;
    for (const connection of [...this.connections.values()]) connection.close(this);
    this.#buffers.clear();
  }

  #return(): void {
    this.#life = this.#begin();
    // The last piece may have been written just when the peer went.
    if (this.transfer.isComplete) this.completedAtMs ??= this.#clock.nowMs;
    this.onLostTouch(this);
  }

  #tell(event: TransferEvent): void {
    this.#life.tell(event);
  }

  /** Tells it later, unless the peer was away in between. */
  #tellAt(atMs: number, event: TransferEvent): void {
    const life = this.#life;
    this.#clock.at(atMs, this.index, () => {
      if (life === this.#life) life.tell(event);
    });
  }

  #do(effect: PeerEffect): void {
    switch (effect.type) {
      case 'send':
        this.#send(effect.peer, effect.message);
        break;
      case 'serve_block':
        this.#serve(effect.peer, effect.block);
        break;
      case 'cancel_serve':
        this.#dropServed(effect.peer, effect.block);
        break;
      case 'verify_piece':
        this.#verify(effect.piece);
        break;
      case 'release_piece':
        this.#buffers.release(effect.piece);
        break;
      case 'disconnect':
        this.#disconnect(effect);
        break;
      case 'ban':
        this.bannedMembers.add(effect.member);
        break;
      case 'completed':
        this.completedAtMs = this.#clock.nowMs;
        break;
    }
  }

  #disconnect(effect: Extract<TransferEffect, { type: 'disconnect' }>): void {
    const connection = this.connections.get(effect.peer);
    if (effect.reason === 'protocol')
      throw new Error(`${this.name} accuses ${connection?.other(this).name}: ${effect.detail}`);
    connection?.close(this);
    if (effect.reason === 'idle') this.#clock.after(RECONNECT_MS, this.index, () => this.onLostTouch(this));
  }

  #serve(peer: number, block: Block): void {
    if (this.#clock.nowMs >= this.traits.muteFromMs) return;
    const isWrong = this.#random.chance(this.traits.wrongPercent / 100);
    const direction = this.#outbound.get(peer);
    if (direction !== undefined) this.#uplink.serve(direction, block, isWrong);
  }

  #dropServed(peer: number, block: Block): void {
    const direction = this.#outbound.get(peer);
    if (direction === undefined || !this.#uplink.takeBack(direction, block)) return;
    this.#tell({ type: 'block_sent', peer, block, dropped: true });
  }

  #send(peer: number, message: PeerMessage): void {
    if (this.traits.isSilent && message.type === 'have') return;
    const direction = this.#outbound.get(peer);
    if (direction !== undefined) this.#uplink.say(direction, message);
  }

  #taken(peer: number, block: Block): void {
    this.#tell({ type: 'block_sent', peer, block });
    this.uploadedBytes += block.lengthBytes;
    if (this.uploadedBytes < this.traits.leavesAfterCopies * this.#geometry.sizeBytes || this.#isGone) return;
    this.#isGone = true;
    this.#clock.after(LAST_WORDS_MS, this.index, () => this.#leave());
    if (this.traits.returnsAfterMs < Number.POSITIVE_INFINITY) {
      this.#clock.after(this.traits.returnsAfterMs, this.index, () => this.#return());
    }
  }

  #verify(piece: PieceIndex): void {
    if (!this.#buffers.isGood(piece)) {
      this.#buffers.release(piece);
      this.#tellAt(this.#clock.nowMs, { type: 'piece_bad', piece });
      return;
    }
    this.disk.write(piece, (fullUntilMs) => {
      if (fullUntilMs === undefined && this.#buffers.isSpoiled(piece)) {
        throw new Error(`${this.name}: piece ${piece} changed between verifying and writing`);
      }
      this.#buffers.release(piece);
      if (fullUntilMs === undefined) {
        this.#tell({ type: 'piece_stored', piece });
        // Gone again: it is asked for once more.
        if (this.traits.isSilent && this.disk.have.clear(piece)) this.#tell({ type: 'piece_lost', piece });
      } else {
        this.#tell({ type: 'store_failed', piece });
        this.#tellAt(fullUntilMs, { type: 'store_ready' });
      }
    });
  }
}
