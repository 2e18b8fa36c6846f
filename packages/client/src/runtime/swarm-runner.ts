import type { Bitfield, Block, CommonInfo, Geometry, InfoHash } from '@peerage/bittorrent';
import type { PieceStore, StoreError } from '@peerage/storage';
import { type PeerKey, Transfer, type TransferEffect, type TransferEvent } from '@peerage/swarm';
import { settleDuplicate } from '../net/duplicates.ts';
import { shareLinkLimits } from '../net/limits.ts';
import type { PeerConnection } from '../net/peer-connection.ts';
import type { TrafficLimits } from '../net/rate-limiter.ts';
import type { ConnectionSink, SwarmSeat } from '../net/swarm-seat.ts';
import { BlockServer } from './block-server.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { PieceCache } from './piece-cache.ts';
import { matchesInfo, PieceIntake, type VerifyPiece } from './piece-intake.ts';
import { RateMeter } from './rate-meter.ts';

/** With fewer connected, pieces do not wait to be verified together: one liar of two would send more before it is found out than may come twice. */
const VERIFIED_TOGETHER_PEERS = 3;

/** So long a connection that a longer lasting one replaces stays open beside it. */
const TAKE_OVER_MS = 1000;

/** What a running swarm tells its share. */
export interface RunnerHost {
  /** One more piece is stored. */
  onStored(): void;
  /** Every piece is stored. */
  onCompleted(): void;
  onJoined(connection: PeerConnection): void;
  /** Its last connection ended. */
  onDeviceLeft(device: string): void;
  /** It is connected, but neither side lacks anything; told before its connection ends. */
  onNothingToGive(device: string): void;
  onBanned(device: string, detail: string): void;
  onSpace(problem: StoreError | undefined): void;
  onWriteFailed(error: unknown): void;
  onReadFailed(error: unknown): void;
}

export interface RunnerOptions {
  readonly infoHash: InfoHash;
  readonly info: CommonInfo;
  readonly store: PieceStore;
  /** Pieces that are not wanted. */
  readonly skip?: Bitfield;
  /** By the hashes of the pieces alone where left out. */
  readonly verify?: VerifyPiece;
  readonly pool: BufferPool;
  readonly cache: PieceCache;
  readonly limits: TrafficLimits;
  readonly nowMs: () => number;
  /** For the transfer's random choices. */
  readonly seed: number;
  readonly paused: boolean;
  readonly ownDevice: () => string;
  readonly host: RunnerHost;
}

/**
 * Runs one share's transfer: tells it what happens on connections and disk, and does what it wants done.
 *
 * Always true: events are handled one after another, each with all its effects, however they come about; a connection is in `#connections`
 * exactly while the transfer knows it; a connection that the transfer ended writes into no buffer any more when the next effect runs.
 */
export class SwarmRunner implements SwarmSeat {
  readonly infoHash: InfoHash;
  readonly group: string;
  readonly geometry: Geometry;
  readonly #transfer: Transfer;
  readonly #options: RunnerOptions;
  readonly #intake: PieceIntake;
  readonly #server: BlockServer;
  readonly #connections = new Map<PeerKey, PeerConnection>();
  readonly #banned = new Set<string>();
  readonly #down: RateMeter;
  readonly #up: RateMeter;
  readonly #events: TransferEvent[] = [];
  #store: PieceStore;
  readonly #takingOver = new Set<NodeJS.Timeout>();
  #handling = false;
  #wake: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RunnerOptions) {
    this.infoHash = options.infoHash;
    this.group = options.info.group;
    this.geometry = options.store.geometry;
    this.#options = options;
    this.#store = options.store;
    const nowMs = options.nowMs();
    this.#down = new RateMeter(nowMs);
    this.#up = new RateMeter(nowMs);
    const { geometry } = this;
    this.#transfer = new Transfer({
      geometry,
      have: options.store.have,
      ...(options.skip && { skip: options.skip }),
      seed: options.seed,
      paused: options.paused,
      nowMs,
    });
    this.#intake = new PieceIntake({
      verify: options.verify ?? ((piece, bytes) => matchesInfo(options.info, piece, bytes)),
      mayWait: () => this.#connections.size >= VERIFIED_TOGETHER_PEERS,
      store: options.store,
      pool: options.pool,
      onStored: (piece) => {
        options.host.onStored();
        this.tell({ type: 'piece_stored', piece });
      },
      onBad: (piece) => this.tell({ type: 'piece_bad', piece }),
      onWriteFailed: (piece, error) => {
        this.tell({ type: 'store_failed', piece });
        options.host.onWriteFailed(error);
      },
      onSpace: (problem) => options.host.onSpace(problem),
    });
    this.#server = new BlockServer({
      cache: options.cache,
      limiter: options.limits.up,
      nowMs: options.nowMs,
      pieceLengthBytes: (piece) => geometry.pieceLengthBytes(piece),
      nextPiece: (piece) => {
        const next = geometry.piece(piece + 1);
        return next !== undefined && this.#store.have.has(next) ? next : undefined;
      },
      read: (piece, into) => this.#store.readPiece(piece, into),
      onSent: (peer, block, dropped) => {
        if (!dropped) this.#up.add(block.lengthBytes, options.nowMs());
        this.tell({ type: 'block_sent', peer, block, dropped });
      },
      onReadFailed: (piece, error) => {
        if (this.#closed) return;
        this.tell({ type: 'piece_lost', piece });
        options.host.onReadFailed(error);
      },
    });
  }

  get connections(): readonly PeerConnection[] {
    return [...this.#connections.values()];
  }

  get isComplete(): boolean {
    return this.#transfer.isComplete;
  }

  get uploadedBytes(): number {
    return this.#up.totalBytes;
  }

  rates(): { readonly downBytesPerSecond: number; readonly upBytesPerSecond: number } {
    const nowMs = this.#options.nowMs();
    return {
      downBytesPerSecond: this.#down.bytesPerSecond(nowMs),
      upBytesPerSecond: this.#up.bytesPerSecond(nowMs),
    };
  }

  /** The pieces for whoever looks, and who is connected, with the address of each. */
  inspect(mostCells: number) {
    const peers = this.#transfer.snapshot().peers.flatMap((peer) => {
      const connection = this.#connections.get(peer.peer);
      return connection ? [{ ...peer, device: connection.member.device, address: connection.remote }] : [];
    });
    return { cells: this.#transfer.pieceCells(mostCells), peers };
  }

  snapshot(): ReturnType<Transfer['snapshot']> {
    return this.#transfer.snapshot();
  }

  unavailable(): ReturnType<Transfer['unavailable']> {
    return this.#transfer.unavailable();
  }

  isBanned(device: string): boolean {
    return this.#banned.has(device);
  }

  /** Serves from another store of the same, complete content. */
  serveFrom(store: PieceStore): void {
    this.#store = store;
    this.#server.forgetPieces();
  }

  join(connection: PeerConnection): ConnectionSink | string {
    const refusal = this.#refusal(connection);
    if (refusal !== undefined) return refusal;
    const peer = connection.key;
    this.#connections.set(peer, connection);
    this.tell({ type: 'peer_joined', peer, member: connection.member.device, fast: connection.fast });
    if (!this.#connections.has(peer)) return 'the share is paused here';
    this.#options.host.onJoined(connection);
    return {
      message: (message) => this.tell({ type: 'message', peer, message }),
      blockTarget: (block) => (this.#transfer.wantsBlock(peer, block) ? this.#intake.place(block) : null),
      block: (block, wanted) => this.#onBlock(peer, block, wanted),
      wholePieces: () => this.tell({ type: 'whole_pieces', peer }),
      left: () => this.#forget(connection),
    };
  }

  /** Tells the transfer what happened and does what it wants done. */
  tell(event: TransferEvent): void {
    this.#events.push(event);
    if (this.#handling || this.#closed) return;
    this.#handling = true;
    try {
      for (let next = this.#events.shift(); next !== undefined && !this.#closed; next = this.#events.shift()) {
        for (const effect of this.#transfer.handle(next, this.#options.nowMs())) this.#run(effect);
      }
    } finally {
      this.#handling = false;
    }
  }

  /** Ends all connections and waits for the writes under way. The store stays open. */
  async close(reason: string): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#wake);
    for (const timer of this.#takingOver) clearTimeout(timer);
    for (const connection of this.connections) connection.close(reason);
    this.#server.close();
    await this.#intake.close();
  }

  #refusal(connection: PeerConnection): string | undefined {
    if (this.#closed) return 'a share that is not offered any more';
    const { device } = connection.member;
    if (this.#banned.has(device)) return 'banned';
    const ofDevice = this.connections.filter((other) => other.member.device === device);
    const verdict = settleDuplicate({ own: this.#options.ownDevice(), other: device }, ofDevice, connection);
    if (verdict.refuse) return 'connected already';
    for (const other of verdict.close) other.close('the devices are connected by another connection');
    if (connection.dialed) this.#takeOver(ofDevice.filter((other) => !verdict.close.includes(other)));
    return this.#connections.size >= shareLinkLimits.connections ? 'too many connections' : undefined;
  }

  /** The connections that a longer lasting one replaces: they close when it has had time to be of use. */
  #takeOver(replaced: readonly PeerConnection[]): void {
    if (replaced.length === 0) return;
    const timer = setTimeout(() => {
      this.#takingOver.delete(timer);
      for (const connection of replaced) connection.close('a connection with a renewed certificate took over');
    }, TAKE_OVER_MS);
    this.#takingOver.add(timer);
  }

  #onBlock(peer: PeerKey, block: Block, wanted: boolean): void {
    this.#rest(peer, block);
    if (wanted) {
      this.#down.add(block.lengthBytes, this.#options.nowMs());
      this.tell({ type: 'block_arrived', peer, block });
    } else {
      this.tell({ type: 'block_unwanted', peer, block });
    }
  }

  /** Over the limit, the connection that brought the block is not read for a while. */
  #rest(peer: PeerKey, block: Block): void {
    const { down } = this.#options.limits;
    const nowMs = this.#options.nowMs();
    down.spend(block.lengthBytes, nowMs);
    const waitMs = down.waitMs(nowMs);
    if (waitMs > 0) this.#connections.get(peer)?.rest(Math.ceil(waitMs));
  }

  /** The limits changed. */
  limitsChanged(): void {
    this.tell({ type: 'upload_limit', bytesPerSecond: this.#options.limits.up.bytesPerSecond });
  }

  #forget(connection: PeerConnection): void {
    if (!this.#connections.delete(connection.key)) return;
    this.#server.leave(connection.key);
    this.tell({ type: 'peer_left', peer: connection.key });
    const { device } = connection.member;
    if (!this.connections.some((other) => other.member.device === device)) this.#options.host.onDeviceLeft(device);
  }

  #run(effect: TransferEffect): void {
    switch (effect.type) {
      case 'send':
        this.#connections.get(effect.peer)?.send(effect.message);
        return;
      case 'serve_block': {
        const connection = this.#connections.get(effect.peer);
        if (connection !== undefined) this.#server.serve(connection, effect.block);
        return;
      }
      case 'cancel_serve':
        this.#server.cancel(effect.peer, effect.block);
        return;
      case 'verify_piece':
        this.#intake.verify(effect.piece);
        return;
      case 'release_piece':
        this.#intake.release(effect.piece);
        return;
      case 'disconnect': {
        const connection = this.#connections.get(effect.peer);
        if (connection === undefined) return;
        if (effect.reason === 'both_seeders') this.#options.host.onNothingToGive(connection.member.device);
        this.#forget(connection);
        connection.close(effect.detail);
        return;
      }
      case 'ban':
        this.#banned.add(effect.member);
        this.#options.host.onBanned(effect.member, effect.detail);
        return;
      case 'completed':
        this.#options.host.onCompleted();
        return;
      case 'wake_at':
        clearTimeout(this.#wake);
        this.#wake = setTimeout(() => this.tell({ type: 'tick' }), Math.max(0, effect.atMs - this.#options.nowMs()));
    }
  }
}
