import type { ByteConnection } from './transport.ts';

/**
 * What a connection says. Everything said while one event is handled leaves in one call of the operating system, small messages side by side
 * in one buffer: written one by one they cost more than the payload between them.
 *
 * Always true: bytes leave in the order in which they were said.
 */
export class Outbox {
  readonly #bytes: ByteConnection;
  readonly #small: Uint8Array[] = [];
  #smallBytes = 0;
  #corked = false;
  #sent = false;
  #closed = false;

  constructor(bytes: ByteConnection) {
    this.#bytes = bytes;
  }

  /** Said, and not taken by the operating system yet. */
  get queuedBytes(): number {
    return this.#bytes.queuedBytes + this.#smallBytes;
  }

  say(message: Uint8Array): void {
    if (this.#closed) return;
    this.#cork();
    this.#small.push(message);
    this.#smallBytes += message.length;
  }

  /** Not copied: it must not change until `onSent`, which is called in any case. */
  sendPayload(payload: Uint8Array, onSent: () => void): void {
    this.#cork();
    this.#writeSmall();
    this.#write(payload, onSent);
  }

  /** Whether anything left since the last time this was asked, or nothing waits. */
  hasMoved(): boolean {
    const moved = this.#sent || this.queuedBytes === 0;
    this.#sent = false;
    return moved;
  }

  /** What was said and has not left is dropped. */
  close(): void {
    this.#closed = true;
    this.#small.length = 0;
    this.#smallBytes = 0;
  }

  #cork(): void {
    if (this.#corked || this.#closed) return;
    this.#corked = true;
    this.#bytes.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#writeSmall();
      this.#bytes.uncork();
    });
  }

  #writeSmall(): void {
    if (this.#smallBytes === 0) return;
    const [only] = this.#small;
    const bytes = this.#small.length === 1 ? only! : Buffer.concat(this.#small, this.#smallBytes);
    this.#small.length = 0;
    this.#smallBytes = 0;
    this.#write(bytes);
  }

  #write(bytes: Uint8Array, onSent?: () => void): void {
    this.#bytes.write(bytes, () => {
      this.#sent = true;
      onSent?.();
    });
  }
}
