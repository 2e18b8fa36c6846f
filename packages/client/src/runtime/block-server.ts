import { BLOCK_BYTES, type Block, type PieceIndex } from '@peerage/bittorrent';
import { type PeerKey, RUN_PIECES } from '@peerage/swarm';
import type { PeerConnection } from '../net/peer-connection.ts';
import type { RateLimiter } from '../net/rate-limiter.ts';
import type { PieceCache, PieceReader } from './piece-cache.ts';

/** More than this waiting in one connection's socket only delays what comes behind it, cancels included. */
const QUEUED_BYTES = 1024 * 1024;

/** With more connections than this the cache would lose what one may need soon to what another needs now. */
const IN_ORDER_LINES = 4;

interface BlockServerOptions {
  readonly cache: PieceCache;
  readonly pieceLengthBytes: (piece: PieceIndex) => number;
  /** The one behind it, where that can be read. */
  readonly nextPiece: (piece: PieceIndex) => PieceIndex | undefined;
  readonly read: PieceReader;
  /** What is sent is spent here, and who may not spend waits. */
  readonly limiter: RateLimiter;
  readonly nowMs: () => number;
  /** The block left for the socket, or (`dropped`) was cancelled before. */
  readonly onSent: (peer: PeerKey, block: Block, dropped: boolean) => void;
  /** The piece could not be read; everything waiting for it was dropped. */
  readonly onReadFailed: (piece: PieceIndex, error: unknown) => void;
}

type Receiver = Pick<PeerConnection, 'key' | 'queuedBytes' | 'sendBlock' | 'sendBytes'>;

interface Line {
  readonly connection: Receiver;
  blocks: Block[];
  /** The first block's piece is being read. */
  loading: boolean;
  /** What was asked for last. */
  lastPiece: PieceIndex | undefined;
}

const isSame = (left: Block, right: Block): boolean =>
  left.piece === right.piece && left.offsetBytes === right.offsetBytes && left.lengthBytes === right.lengthBytes;

/** Who asks for these two one after the other follows the order of the file, alone or in runs beside others. */
const isInRuns = (last: PieceIndex, next: PieceIndex): boolean =>
  next === last + 1 || ((last + 1) % RUN_PIECES === 0 && next % RUN_PIECES === 0);

/**
 * Sends blocks from pieces in memory: one line of blocks for each connection, served in order.
 * Always true: what stands in a line can still be cancelled; of what left it blocks were copied, and whole pieces are held until their socket has them.
 */
export class BlockServer {
  readonly #options: BlockServerOptions;
  readonly #lines = new Map<PeerKey, Line>();
  #rest: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(options: BlockServerOptions) {
    this.#options = options;
  }

  serve(connection: Receiver, block: Block): void {
    let line = this.#lines.get(connection.key);
    if (line === undefined) {
      line = { connection, blocks: [], loading: false, lastPiece: undefined };
      this.#lines.set(connection.key, line);
    }
    const { lastPiece } = line;
    const isBusy = line.blocks.length > 0;
    line.lastPiece = block.piece;
    line.blocks.push(block);
    if (block.piece !== lastPiece) {
      if (lastPiece !== undefined && isInRuns(lastPiece, block.piece)) this.#readRun(block.piece);
      else if (isBusy) this.#readAhead(block.piece);
    }
    this.#advance(line);
  }

  cancel(peer: PeerKey, block: Block): void {
    const line = this.#lines.get(peer);
    const index = line?.blocks.findIndex((waiting) => isSame(waiting, block)) ?? -1;
    if (line === undefined || index === -1) return;
    line.blocks.splice(index, 1);
    this.#options.onSent(peer, block, true);
  }

  /** The connection is gone. */
  leave(peer: PeerKey): void {
    this.#lines.delete(peer);
  }

  /** Nothing is sent any more. */
  close(): void {
    clearTimeout(this.#rest);
    this.#lines.clear();
    this.forgetPieces();
  }

  /** From now on pieces are read anew, from the store as it is now. */
  forgetPieces(): void {
    this.#options.cache.forget(this);
  }

  #advance(line: Line): void {
    const { cache } = this.#options;
    while (!line.loading && line.blocks.length > 0 && line.connection.queuedBytes < QUEUED_BYTES) {
      const bytes = cache.loaded(this, line.blocks[0]!.piece);
      if (bytes === undefined) {
        void this.#load(line, line.blocks[0]!.piece);
        return;
      }
      if (this.#mustRest()) return;
      this.#send(line, line.blocks.shift()!, bytes);
    }
  }

  /** The limit is reached: all lines wait, and go on in another order. */
  #mustRest(): boolean {
    if (this.#rest !== undefined) return true;
    const waitMs = this.#options.limiter.waitMs(this.#options.nowMs());
    if (waitMs <= 0) return false;
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      const lines = [...this.#lines.values()];
      const first = lines.length === 0 ? 0 : ++this.#turn % lines.length;
      for (const line of [...lines.slice(first), ...lines.slice(0, first)]) this.#advance(line);
    }, Math.ceil(waitMs));
    return true;
  }

  /** The piece, and where it has to be read those up to the end of its run, which will be asked for next: reading them one by one costs twice as much. */
  #readRun(piece: PieceIndex): void {
    const { cache, nextPiece } = this.#options;
    if (cache.has(this, piece)) return;
    const count = this.#lines.size > IN_ORDER_LINES ? 1 : RUN_PIECES - (piece % RUN_PIECES);
    let next: PieceIndex | undefined = piece;
    for (let read = 0; read < count && next !== undefined; read++) {
      this.#readAhead(next);
      next = nextPiece(next);
    }
  }

  /** While the pieces before it are being sent. */
  #readAhead(piece: PieceIndex): void {
    const { cache, pieceLengthBytes, read } = this.#options;
    cache.readAhead(this, piece, pieceLengthBytes(piece), read);
  }

  async #load(line: Line, piece: PieceIndex): Promise<void> {
    const { cache, pieceLengthBytes, read, onReadFailed } = this.#options;
    line.loading = true;
    const goOn = () => {
      line.loading = false;
      if (this.#lines.get(line.connection.key) === line) this.#advance(line);
    };
    try {
      await cache.load(this, piece, pieceLengthBytes(piece), read, goOn);
    } catch (error) {
      for (const other of this.#lines.values()) {
        other.blocks = other.blocks.filter((block) => block.piece !== piece);
      }
      onReadFailed(piece, error);
      goOn();
    }
  }

  #send(line: Line, block: Block, bytes: Uint8Array): void {
    const { connection } = line;
    this.#options.limiter.spend(block.lengthBytes, this.#options.nowMs());
    const onSent = () => {
      if (this.#lines.get(connection.key) !== line) return;
      this.#options.onSent(connection.key, block, false);
      this.#advance(line);
    };
    const held = block.lengthBytes > BLOCK_BYTES ? this.#options.cache.hold(this, block) : undefined;
    if (held === undefined) {
      connection.sendBlock(block, bytes.subarray(block.offsetBytes, block.offsetBytes + block.lengthBytes), onSent);
      return;
    }
    connection.sendBytes(held.message, () => {
      held.letGo();
      onSent();
    });
  }
}
