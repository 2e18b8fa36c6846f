import {
  BLOCK_BYTES,
  type Block,
  encodeMessage,
  messageBytes,
  type PeerMessage,
  PIECE_BYTES,
  PIECE_HEADER_BYTES,
  writeMessage,
  writePieceHeader,
} from '@peerage/bittorrent';
import type { ByteConnection } from './transport.ts';
import { WireBuffers } from './wire-buffers.ts';

/** For what holds no payload. */
const small = new WireBuffers(4096, 64);
/**
 * For a piece's blocks with their heads: TLS cuts it into full records. A TLS socket takes one buffer in each turn of the event loop, so shorter ones cost more turns, and wake the receiver
 * more often.
 */
const large = new WireBuffers(PIECE_BYTES + (PIECE_BYTES / BLOCK_BYTES) * PIECE_HEADER_BYTES, 16);

function giveBack(buffer: Uint8Array): void {
  (buffer.length === small.sizeBytes ? small : large).give(buffer);
}

interface Leaving {
  readonly bytes: Uint8Array;
  readonly onSent: readonly (() => void)[];
  /** Goes back to the others when it has left. */
  readonly buffer: Uint8Array | undefined;
}

/**
 * What a connection says. Everything said in one turn of the event loop stands side by side in one buffer and leaves in one call of the operating system: messages written
 * one by one cost more than the payload between them, and a TLS record each.
 *
 * Always true: bytes leave in the order in which they were said, one buffer at a time: of several that wait in a TLS socket Node makes one by copying them once more;
 * `#buffer` is there exactly while something waits in it; a buffer is reused only when the operating system has taken what was in it.
 */
export class Outbox {
  readonly #bytes: ByteConnection;
  #buffer: Uint8Array | undefined;
  #filled = 0;
  #onSent: (() => void)[] = [];
  #scheduled = false;
  /** Behind the one that the socket has. */
  readonly #waiting: Leaving[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #sent = false;
  #closed = false;

  constructor(bytes: ByteConnection) {
    this.#bytes = bytes;
  }

  /** Said, and not taken by the operating system yet. */
  get queuedBytes(): number {
    return this.#bytes.queuedBytes + this.#waitingBytes + this.#filled;
  }

  say(message: PeerMessage): void {
    if (this.#closed) return;
    const sizeBytes = messageBytes(message);
    if (sizeBytes <= small.sizeBytes) {
      this.#filled = writeMessage(message, this.#room(sizeBytes), this.#filled);
    } else {
      this.flush();
      this.#write(encodeMessage(message), []);
    }
  }

  /** A handshake, which is no message. */
  sayBytes(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#room(bytes.length).set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** The payload is copied. `onSent` is called in any case: when the operating system has taken it, or when the connection is gone. */
  sendBlock(block: Block, payload: Uint8Array, onSent: () => void): void {
    if (this.#closed) {
      queueMicrotask(onSent);
      return;
    }
    const buffer = this.#room(PIECE_HEADER_BYTES + payload.length);
    buffer.set(payload, writePieceHeader(block, buffer, this.#filled));
    this.#filled += PIECE_HEADER_BYTES + payload.length;
    this.#onSent.push(onSent);
  }

  /** A whole message that is not copied: nobody changes it before `onSent`, which is called in any case, as in {@link sendBlock}. */
  sendBytes(bytes: Uint8Array, onSent: () => void): void {
    if (this.#closed) {
      queueMicrotask(onSent);
      return;
    }
    this.flush();
    this.#write(bytes, [onSent]);
  }

  /** Whether anything left since the last time this was asked, or nothing waits. */
  hasMoved(): boolean {
    const moved = this.#sent || this.queuedBytes === 0;
    this.#sent = false;
    return moved;
  }

  /** Lets go what was said so far. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const bytes = buffer.subarray(0, this.#filled);
    const onSent = this.#onSent;
    this.#buffer = undefined;
    this.#filled = 0;
    this.#onSent = [];
    this.#write(bytes, onSent, buffer);
  }

  /** What was said and has not left is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { onSent, buffer } of this.#waiting.splice(0)) {
      if (buffer !== undefined) giveBack(buffer);
      for (const tell of onSent) queueMicrotask(tell);
    }
    this.#waitingBytes = 0;
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    this.#buffer = undefined;
    this.#filled = 0;
    giveBack(buffer);
    for (const onSent of this.#onSent) queueMicrotask(onSent);
    this.#onSent = [];
  }

  /** The buffer being filled, with room for so many bytes more behind `#filled`. */
  #room(bytes: number): Uint8Array {
    const before = this.#buffer;
    if (before !== undefined && this.#filled + bytes > before.length) {
      if (before.length === small.sizeBytes && this.#filled + bytes <= large.sizeBytes) {
        this.#buffer = large.take();
        this.#buffer.set(before.subarray(0, this.#filled));
        small.give(before);
      } else {
        this.flush();
      }
    }
    this.#buffer ??= (bytes <= small.sizeBytes ? small : large).take();
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return this.#buffer;
  }

  #write(bytes: Uint8Array, onSent: readonly (() => void)[], buffer?: Uint8Array): void {
    const leaving = { bytes, onSent, buffer };
    if (!this.#isWriting) {
      this.#hand(leaving);
      return;
    }
    this.#waiting.push(leaving);
    this.#waitingBytes += bytes.length;
  }

  #hand({ bytes, onSent, buffer }: Leaving): void {
    this.#isWriting = true;
    this.#bytes.write(bytes, () => {
      if (buffer !== undefined) giveBack(buffer);
      this.#sent = true;
      this.#isWriting = false;
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#waitingBytes -= next.bytes.length;
        this.#hand(next);
      }
      for (const tell of onSent) tell();
    });
  }
}
