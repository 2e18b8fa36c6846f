import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';

/** Reads one piece into memory that the cache owns: exactly the piece's bytes. */
export type PieceReader = (piece: PieceIndex, into: Uint8Array) => Promise<void>;

/** A piece in memory, as one holder has it. Its bytes stay as they are until the holder's `release`. */
export interface HeldPiece {
  readonly bytes: Uint8Array;
  release(): void;
}

interface Entry {
  readonly owner: object;
  readonly piece: PieceIndex;
  readonly buffer: Uint8Array;
  readonly bytes: Uint8Array;
  holders: number;
  loaded: Promise<void>;
  /** Not to be found any more; its buffer is free when the last holder lets go. */
  dropped: boolean;
}

/**
 * The pieces being served, read whole and once for all who ask for their blocks.
 *
 * Always true: a buffer is in exactly one of `#free` and an entry; an entry's buffer is reused only when nobody holds it; there are never
 * more than `size` buffers: who asks when all are held waits in line.
 */
export class PieceCache {
  readonly #size: number;
  /** Least recently asked for first. */
  readonly #entries = new Map<string, Entry>();
  readonly #free: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #ownerIds = new WeakMap<object, number>();
  #buffers = 0;
  #owners = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * The piece, from memory if it is there. Rejects with the reader's error. `owner` names the share: `forget` it before a piece of it
   * may have other bytes.
   */
  async hold(owner: object, piece: PieceIndex, lengthBytes: number, read: PieceReader): Promise<HeldPiece> {
    const key = this.#key(owner, piece);
    for (;;) {
      const entry = this.#entries.get(key) ?? this.#make(key, owner, piece, lengthBytes, read);
      if (entry !== undefined) return this.#holdEntry(key, entry);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The piece if it is in memory now: the way for all blocks of a piece but the first. */
  holdLoaded(owner: object, piece: PieceIndex): HeldPiece | undefined {
    const key = this.#key(owner, piece);
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.#ready.has(entry)) return undefined;
    return this.#heldBy(key, entry);
  }

  /** Nothing of this share is found in memory from now on. */
  forget(owner: object): void {
    for (const [key, entry] of this.#entries) if (entry.owner === owner) this.#drop(key, entry);
  }

  readonly #ready = new WeakSet<Entry>();

  async #holdEntry(key: string, entry: Entry): Promise<HeldPiece> {
    const held = this.#heldBy(key, entry);
    try {
      await entry.loaded;
    } catch (error) {
      this.#drop(key, entry);
      held.release();
      throw error;
    }
    return held;
  }

  #heldBy(key: string, entry: Entry): HeldPiece {
    if (!entry.dropped) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    entry.holders++;
    let held = true;
    return {
      bytes: entry.bytes,
      release: () => {
        if (!held) return;
        held = false;
        if (--entry.holders > 0) return;
        if (entry.dropped) this.#free.push(entry.buffer);
        this.#waiting.shift()?.();
      },
    };
  }

  #make(key: string, owner: object, piece: PieceIndex, lengthBytes: number, read: PieceReader): Entry | undefined {
    const buffer = this.#freeBuffer();
    if (buffer === undefined) return undefined;
    const bytes = lengthBytes === PIECE_BYTES ? buffer : buffer.subarray(0, lengthBytes);
    const entry: Entry = { owner, piece, buffer, bytes, holders: 0, loaded: Promise.resolve(), dropped: false };
    entry.loaded = read(piece, bytes).then(() => {
      this.#ready.add(entry);
    });
    this.#entries.set(key, entry);
    return entry;
  }

  #freeBuffer(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#buffers < this.#size) {
      this.#buffers++;
      return Buffer.allocUnsafeSlow(PIECE_BYTES);
    }
    for (const [key, entry] of this.#entries) {
      if (entry.holders > 0) continue;
      this.#entries.delete(key);
      entry.dropped = true;
      return entry.buffer;
    }
    return undefined;
  }

  #drop(key: string, entry: Entry): void {
    if (entry.dropped) return;
    entry.dropped = true;
    this.#entries.delete(key);
    if (entry.holders > 0) return;
    this.#free.push(entry.buffer);
    this.#waiting.shift()?.();
  }

  #key(owner: object, piece: PieceIndex): string {
    let id = this.#ownerIds.get(owner);
    if (id === undefined) {
      id = ++this.#owners;
      this.#ownerIds.set(owner, id);
    }
    return `${id} ${piece}`;
  }
}
