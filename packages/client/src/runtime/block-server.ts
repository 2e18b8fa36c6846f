import type { Block, PieceIndex } from '@peerage/bittorrent';
import type { PeerKey } from '@peerage/swarm';
import type { PeerConnection } from '../net/peer-connection.ts';
import type { HeldPiece, PieceCache, PieceReader } from './piece-cache.ts';

/** More than this waiting in one connection's socket only delays what comes behind it, cancels included. */
const QUEUED_BYTES = 1024 * 1024;

interface BlockServerOptions {
  readonly cache: PieceCache;
  readonly pieceLengthBytes: (piece: PieceIndex) => number;
  readonly read: PieceReader;
  /** The block left for the socket, or (`dropped`) was cancelled before. */
  readonly onSent: (peer: PeerKey, block: Block, dropped: boolean) => void;
  /** The piece could not be read; everything waiting for it was dropped. */
  readonly onReadFailed: (piece: PieceIndex, error: unknown) => void;
}

type Receiver = Pick<PeerConnection, 'key' | 'queuedBytes' | 'sendBlock'>;

interface Line {
  readonly connection: Receiver;
  blocks: Block[];
  /** The first block's piece is being read. */
  loading: boolean;
}

const isSame = (left: Block, right: Block): boolean =>
  left.piece === right.piece && left.offsetBytes === right.offsetBytes && left.lengthBytes === right.lengthBytes;

/**
 * Sends blocks from pieces in memory: one line of blocks for each connection, served in order.
 * Always true: what stands in a line can still be cancelled; what left it was copied, and holds nothing.
 */
export class BlockServer {
  readonly #options: BlockServerOptions;
  readonly #lines = new Map<PeerKey, Line>();

  constructor(options: BlockServerOptions) {
    this.#options = options;
  }

  serve(connection: Receiver, block: Block): void {
    let line = this.#lines.get(connection.key);
    if (line === undefined) {
      line = { connection, blocks: [], loading: false };
      this.#lines.set(connection.key, line);
    }
    line.blocks.push(block);
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

  /** From now on pieces are read anew, from the store as it is now. */
  forgetPieces(): void {
    this.#options.cache.forget(this);
  }

  #advance(line: Line): void {
    const { cache } = this.#options;
    while (!line.loading && line.blocks.length > 0 && line.connection.queuedBytes < QUEUED_BYTES) {
      const held = cache.holdLoaded(this, line.blocks[0]!.piece);
      if (held === undefined) {
        void this.#load(line, line.blocks[0]!.piece);
        return;
      }
      this.#send(line, line.blocks.shift()!, held);
    }
  }

  async #load(line: Line, piece: PieceIndex): Promise<void> {
    const { cache, pieceLengthBytes, read, onReadFailed } = this.#options;
    line.loading = true;
    let held: HeldPiece;
    try {
      held = await cache.hold(this, piece, pieceLengthBytes(piece), read);
    } catch (error) {
      line.loading = false;
      for (const other of this.#lines.values()) {
        other.blocks = other.blocks.filter((block) => block.piece !== piece);
      }
      onReadFailed(piece, error);
      if (this.#lines.get(line.connection.key) === line) this.#advance(line);
      return;
    }
    line.loading = false;
    if (this.#lines.get(line.connection.key) === line) this.#advance(line);
    held.release();
  }

  #send(line: Line, block: Block, held: HeldPiece): void {
    const { connection } = line;
    const payload = held.bytes.subarray(block.offsetBytes, block.offsetBytes + block.lengthBytes);
    connection.sendBlock(block, payload, () => {
      if (this.#lines.get(connection.key) !== line) return;
      this.#options.onSent(connection.key, block, false);
      this.#advance(line);
    });
    held.release();
  }
}
