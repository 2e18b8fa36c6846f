import type { Block, PeerMessage } from '@peerage/bittorrent';
import type { Planned } from './virtual-clock.ts';

/** Messages are small, but every one of them costs its packet's head. */
const MESSAGE_BYTES = 20;
/** A block on the wire: its message head and its share of the lower layers' heads. */
const BLOCK_HEAD_BYTES = 13;

/** What packets go along. */
interface Line {
  messageArrives(packet: MessagePacket): void;
  blockArrives(packet: BlockPacket): void;
  blockEnds(packet: BlockPacket): void;
}

/** A message that goes by itself. */
export class MessagePacket implements Planned {
  readonly message: PeerMessage;
  /** The one that was sent after it, until this one is received. */
  next: MessagePacket | undefined;
  /** It waits for blocks before it that are still on the receiver's link. */
  isLate = false;
  readonly #line: Line;

  constructor(line: Line, message: PeerMessage) {
    this.#line = line;
    this.message = message;
  }

  run(): void {
    this.#line.messageArrives(this);
  }
}

/** A block's payload, of which only matters whether it is right, and the messages that were said behind it: they arrive with it. */
export class BlockPacket implements Planned {
  readonly block: Block;
  readonly isWrong: boolean;
  /** Without the messages behind it, and with them. */
  readonly blockBytes: number;
  sizeBytes: number;
  messages: PeerMessage[] | undefined;
  /** It is at the receiver's link, or in it. */
  #hasArrived = false;
  /** Its payload goes into the piece's buffer. */
  isTaken = false;
  readonly #line: Line;

  constructor(line: Line, block: Block, isWrong: boolean) {
    this.#line = line;
    this.block = block;
    this.isWrong = isWrong;
    this.blockBytes = block.lengthBytes + BLOCK_HEAD_BYTES;
    this.sizeBytes = this.blockBytes;
  }

  follow(message: PeerMessage): void {
    if (this.messages === undefined) this.messages = [message];
    else this.messages.push(message);
    this.sizeBytes += MESSAGE_BYTES;
  }

  run(): void {
    if (this.#hasArrived) {
      this.#line.blockEnds(this);
    } else {
      this.#hasArrived = true;
      this.#line.blockArrives(this);
    }
  }
}
