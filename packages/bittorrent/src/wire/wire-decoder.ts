import type { Block, Geometry, PieceIndex } from '../geometry.ts';
import { BLOCK_BYTES, PIECE_BYTES } from '../geometry.ts';
import type { PeerMessage } from '../messages.ts';
import { MAX_EXTENDED_BYTES, MESSAGE_ID } from './message-ids.ts';
import { WireError } from './wire-error.ts';

/** Where decoded messages go. Called from inside `push`, in the order of the wire. */
export interface WireSink {
  message(message: PeerMessage): void;
  /** A block's payload begins: the place for it, exactly `lengthBytes` long, or null to let it pass by. */
  blockTarget(block: Block): Uint8Array | null;
  /** The payload is complete: in the place given, if `wanted`. */
  block(block: Block, wanted: boolean): void;
}

/** What both handshakes agreed on. */
export interface WireFeatures {
  readonly fast: boolean;
  readonly extended: boolean;
}

const bare = {
  [MESSAGE_ID.choke]: { type: 'choke' },
  [MESSAGE_ID.unchoke]: { type: 'unchoke' },
  [MESSAGE_ID.interested]: { type: 'interested' },
  [MESSAGE_ID.not_interested]: { type: 'not_interested' },
  [MESSAGE_ID.have_all]: { type: 'have_all' },
  [MESSAGE_ID.have_none]: { type: 'have_none' },
} as const satisfies Record<number, PeerMessage>;
const KEEP_ALIVE: PeerMessage = { type: 'keep_alive' };

const PREFIX_BYTES = 4;
const ID_BYTES = 5;
const HAVE_BYTES = 9;
const PIECE_HEAD_BYTES = 13;
const REQUEST_BYTES = 17;

/**
 * Bytes of one peer, after its handshake, into messages (BEP 3, 6, 10); chunks may be cut anywhere and are not kept.
 *
 * Always true between bytes:
 * - at most one of three things is under way: a head being gathered (`#filled` of `#headBytes` bytes in `#head`), a body being
 *   buffered (`#body`), a payload passing by or being copied (`#block`, `#target`); `#left` counts what the latter two still miss.
 * - nothing is buffered before its length was found right for its type; only a bitfield (its exact length for this share) and an
 *   extended message (at most 64 KiB) are buffered at all.
 * - `#target` is written only inside `push`.
 */
export class WireDecoder {
  readonly #geometry: Geometry;
  readonly #sink: WireSink;
  readonly #features: WireFeatures;
  readonly #bitfieldBytes: number;
  readonly #head = new Uint8Array(REQUEST_BYTES);
  #headBytes = PREFIX_BYTES;
  #filled = 0;
  #left = 0;
  #body: Uint8Array | null = null;
  #block: Block | null = null;
  #target: Uint8Array | null = null;
  #closed = false;
  #mostBlockBytes = BLOCK_BYTES;

  constructor(geometry: Geometry, features: WireFeatures, sink: WireSink) {
    this.#geometry = geometry;
    this.#features = features;
    this.#sink = sink;
    this.#bitfieldBytes = Math.ceil(geometry.pieceCount / 8);
  }

  /** Decodes what has arrived. Throws WireError; the decoder is closed then, and so must the connection be. */
  push(chunk: Uint8Array): void {
    try {
      let at = 0;
      while (at < chunk.length && !this.#closed) {
        at = this.#left > 0 ? this.#takeBody(chunk, at) : this.#takeHead(chunk, at);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Both extension handshakes took whole pieces: from now on a request, cancel, reject or block may also be of exactly one piece. */
  takeWholePieces(): void {
    this.#mostBlockBytes = PIECE_BYTES;
  }

  /** The place given for the block under way is needed elsewhere: the rest of its payload passes by, and it ends as not wanted. */
  dropTarget(): void {
    this.#target = null;
  }

  /** No sink call from here on, not even for the rest of the chunk being decoded. */
  close(): void {
    this.#closed = true;
    this.#target = null;
    this.#body = null;
  }

  #takeHead(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#head[this.#filled++] = chunk[at++]!;
      if (this.#filled < this.#headBytes) continue;
      if (this.#filled === PREFIX_BYTES) {
        if (this.#uint32(0) > 0) this.#headBytes = ID_BYTES;
        else this.#endMessage(KEEP_ALIVE);
      } else if (this.#filled === ID_BYTES) {
        this.#takeId();
      } else {
        this.#takeFields();
      }
      if (this.#left > 0 || this.#filled === 0) return at;
    }
    return at;
  }

  /** Length and id are here: the length is checked against the id, and how much more is to be gathered follows. */
  #takeId(): void {
    const length = this.#uint32(0);
    const id = this.#head[4]!;
    if (id >= MESSAGE_ID.suggest_piece && id <= MESSAGE_ID.allowed_fast && !this.#features.fast) {
      throw new WireError(
        'fast_not_negotiated',
        `message ${id} belongs to the fast extension, which was not agreed on`,
      );
    }
    switch (id) {
      case MESSAGE_ID.choke:
      case MESSAGE_ID.unchoke:
      case MESSAGE_ID.interested:
      case MESSAGE_ID.not_interested:
      case MESSAGE_ID.have_all:
      case MESSAGE_ID.have_none:
        this.#exactly(1, length, id);
        this.#endMessage(bare[id]);
        return;
      case MESSAGE_ID.have:
      case MESSAGE_ID.suggest_piece:
      case MESSAGE_ID.allowed_fast:
        this.#exactly(HAVE_BYTES - PREFIX_BYTES, length, id);
        this.#headBytes = HAVE_BYTES;
        return;
      case MESSAGE_ID.request:
      case MESSAGE_ID.cancel:
      case MESSAGE_ID.reject_request:
        this.#exactly(REQUEST_BYTES - PREFIX_BYTES, length, id);
        this.#headBytes = REQUEST_BYTES;
        return;
      case MESSAGE_ID.piece:
        if (length < 10) throw new WireError('bad_length', 'a block without payload');
        if (length > 9 + this.#mostBlockBytes) {
          const most = `at most ${this.#mostBlockBytes / 1024} KiB are allowed`;
          throw new WireError('too_long', `a block of ${length - 9} bytes, ${most}`);
        }
        this.#headBytes = PIECE_HEAD_BYTES;
        return;
      case MESSAGE_ID.bitfield:
        this.#exactly(1 + this.#bitfieldBytes, length, id);
        this.#beginBody(this.#bitfieldBytes, true);
        return;
      case MESSAGE_ID.extended:
        if (!this.#features.extended) {
          throw new WireError(
            'extension_not_negotiated',
            'an extended message, but the extension protocol was not agreed on',
          );
        }
        if (length < 2) throw new WireError('bad_length', 'an extended message without its id');
        this.#cap(length);
        this.#beginBody(length - 1, true);
        return;
      default:
        this.#cap(length);
        this.#beginBody(length - 1, false);
    }
  }

  /** All of a `have`, `request` or `piece` head is here. */
  #takeFields(): void {
    const id = this.#head[4]!;
    switch (id) {
      case MESSAGE_ID.have:
        this.#endMessage({ type: 'have', piece: this.#piece() });
        return;
      case MESSAGE_ID.suggest_piece:
        this.#endMessage({ type: 'suggest_piece', piece: this.#piece() });
        return;
      case MESSAGE_ID.allowed_fast:
        this.#endMessage({ type: 'allowed_fast', piece: this.#piece() });
        return;
      case MESSAGE_ID.request:
        this.#endMessage({ type: 'request', block: this.#blockOf(this.#uint32(13)) });
        return;
      case MESSAGE_ID.cancel:
        this.#endMessage({ type: 'cancel', block: this.#blockOf(this.#uint32(13)) });
        return;
      case MESSAGE_ID.reject_request:
        this.#endMessage({ type: 'reject_request', block: this.#blockOf(this.#uint32(13)) });
        return;
      default:
        this.#beginPayload(this.#blockOf(this.#uint32(0) - 9));
    }
  }

  #beginPayload(block: Block): void {
    const target = this.#sink.blockTarget(block);
    if (target !== null && target.length !== block.lengthBytes) {
      throw new RangeError(`a place of ${target.length} bytes for a block of ${block.lengthBytes}`);
    }
    this.#block = block;
    this.#target = target;
    this.#left = block.lengthBytes;
  }

  #takeBody(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at);
    const into = this.#block === null ? this.#body : this.#target;
    if (into !== null) {
      into.set(at === 0 && taken === chunk.length ? chunk : chunk.subarray(at, at + taken), into.length - this.#left);
    }
    this.#left -= taken;
    if (this.#left === 0) this.#endBody();
    return at + taken;
  }

  #beginBody(bytes: number, kept: boolean): void {
    this.#left = bytes;
    this.#body = kept ? new Uint8Array(bytes) : null;
    if (bytes === 0) this.#endBody();
  }

  #endBody(): void {
    const block = this.#block;
    const body = this.#body;
    const wanted = this.#target !== null;
    this.#block = null;
    this.#body = null;
    this.#target = null;
    this.#nextHead();
    if (block !== null) this.#sink.block(block, wanted);
    else if (body === null) return;
    else if (this.#head[4] === MESSAGE_ID.bitfield) this.#sink.message({ type: 'bitfield', bits: this.#bits(body) });
    else this.#sink.message({ type: 'extended', id: body[0]!, payload: body.subarray(1) });
  }

  #endMessage(message: PeerMessage): void {
    this.#nextHead();
    this.#sink.message(message);
  }

  #nextHead(): void {
    this.#filled = 0;
    this.#headBytes = PREFIX_BYTES;
  }

  #exactly(expected: number, length: number, id: number): void {
    if (length !== expected) {
      throw new WireError('bad_length', `message ${id} of ${length} bytes, it has ${expected}`);
    }
  }

  #cap(length: number): void {
    if (length > 1 + MAX_EXTENDED_BYTES)
      throw new WireError('too_long', `a message of ${length} bytes, at most 64 KiB are allowed`);
  }

  #bits(body: Uint8Array): Uint8Array {
    const spareBits = body.length * 8 - this.#geometry.pieceCount;
    if (spareBits > 0 && (body[body.length - 1]! & ((1 << spareBits) - 1)) !== 0) {
      throw new WireError('bad_bitfield', 'a bitfield with bits behind the last piece');
    }
    return body;
  }

  #piece(): PieceIndex {
    const piece = this.#geometry.piece(this.#uint32(5));
    if (piece === undefined) throw new WireError('bad_piece', `the share has no piece ${this.#uint32(5)}`);
    return piece;
  }

  #blockOf(lengthBytes: number): Block {
    const index = this.#uint32(5);
    const offsetBytes = this.#uint32(9);
    const isLong = lengthBytes > BLOCK_BYTES && this.#mostBlockBytes === PIECE_BYTES;
    const block = isLong
      ? this.#geometry.wholePiece(index, offsetBytes, lengthBytes)
      : this.#geometry.block(index, offsetBytes, lengthBytes);
    if (block === undefined) {
      throw new WireError(
        'bad_block',
        `the share has no block of ${lengthBytes} bytes at byte ${offsetBytes} of piece ${index}`,
      );
    }
    return block;
  }

  #uint32(at: number): number {
    const head = this.#head;
    return ((head[at]! << 24) | (head[at + 1]! << 16) | (head[at + 2]! << 8) | head[at + 3]!) >>> 0;
  }
}
