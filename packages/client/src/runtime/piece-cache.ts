import { type Block, PIECE_BYTES, PIECE_HEADER_BYTES, type PieceIndex, writePieceHeader } from '@peerage/bittorrent';

/** Before the piece's bytes, which begin on a cache line, for the head of the message that brings all of it. */
const HEAD_ROOM_BYTES = 64;

/** Reads one piece into memory that the cache owns: exactly the piece's bytes. */
export type PieceReader = (piece: PieceIndex, into: Uint8Array) => Promise<void>;

interface Entry {
  readonly piece: PieceIndex;
  readonly buffer: Uint8Array;
  readonly bytes: Uint8Array;
  /** Pending while it is being read; nobody else may use the buffer meanwhile. */
  readonly loaded: Promise<void>;
  isLoaded: boolean;
  /** How many wait for it, or hold it: until each had its turn, the buffer is not given to another piece. */
  askers: number;
  /** By the count of uses, when it was last asked for. */
  usedAt: number;
}

/** A piece on its way to sockets. */
export interface HeldPiece {
  /** With its head before it. */
  readonly message: Uint8Array;
  /** To be called once, when nobody reads from `message` any more. */
  letGo(): void;
}

/**
 * The pieces being served, read whole and once for all who ask for them. Blocks are copied at once; whole pieces leave from here, and are held meanwhile.
 *
 * Always true: a buffer is in exactly one of `#free`, an entry, and an entry that was forgotten while it was read or held; there are never more than `size` buffers: who asks while all
 * are being read into or held waits in line; at most half are held, so that who does not read what it asks for keeps nobody else from being served.
 */
export class PieceCache {
  readonly #size: number;
  readonly #entries = new Map<object, Map<PieceIndex, Entry>>();
  readonly #free: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];
  #buffers = 0;
  #held = 0;
  #uses = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The piece if it is in memory now; its bytes stay until the caller's turn of the event loop ends. `owner` names the share. */
  loaded(owner: object, piece: PieceIndex): Uint8Array | undefined {
    const entry = this.#entries.get(owner)?.get(piece);
    if (entry === undefined || !entry.isLoaded) return undefined;
    entry.usedAt = ++this.#uses;
    return entry.bytes;
  }

  /** All of the piece as one message, if it is in memory now and not too many others are held: its bytes stay until it is let go. */
  hold(owner: object, block: Block): HeldPiece | undefined {
    const entry = this.#entries.get(owner)?.get(block.piece);
    if (entry === undefined || !entry.isLoaded || this.#held + 1 > this.#size / 2) return undefined;
    entry.usedAt = ++this.#uses;
    entry.askers++;
    this.#held++;
    const start = HEAD_ROOM_BYTES - PIECE_HEADER_BYTES;
    writePieceHeader(block, entry.buffer, start);
    return {
      message: entry.buffer.subarray(start, HEAD_ROOM_BYTES + entry.bytes.length),
      letGo: () => {
        this.#held--;
        this.#letGo(owner, entry);
      },
    };
  }

  /** It is in memory, or being read. */
  has(owner: object, piece: PieceIndex): boolean {
    return this.#entries.get(owner)?.has(piece) === true;
  }

  /** Calls `use` when the piece has been read: `loaded` has it during the call. Rejects with the reader's error, without the call. */
  async load(owner: object, piece: PieceIndex, lengthBytes: number, read: PieceReader, use: () => void): Promise<void> {
    for (;;) {
      const entry = this.#entries.get(owner)?.get(piece) ?? this.#begin(owner, piece, lengthBytes, read);
      if (entry === undefined) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      entry.askers++;
      try {
        await entry.loaded;
        use();
      } finally {
        this.#letGo(owner, entry);
      }
      return;
    }
  }

  /** Begins to read a piece that will be asked for soon, where there is a buffer for it. */
  readAhead(owner: object, piece: PieceIndex, lengthBytes: number, read: PieceReader): void {
    if (this.has(owner, piece) || this.#waiting.length > 0) return;
    // Whoever needs the piece reads it again and tells the error.
    this.#begin(owner, piece, lengthBytes, read)?.loaded.catch(() => undefined);
  }

  /** Nothing of this share is found in memory from now on: to be called before a piece of it may have other bytes. */
  forget(owner: object): void {
    for (const entry of this.#entries.get(owner)?.values() ?? []) {
      if (entry.isLoaded && entry.askers === 0) this.#freed(entry.buffer);
    }
    this.#entries.delete(owner);
  }

  #begin(owner: object, piece: PieceIndex, lengthBytes: number, read: PieceReader): Entry | undefined {
    const buffer = this.#takeBuffer();
    if (buffer === undefined) return undefined;
    const bytes = buffer.subarray(HEAD_ROOM_BYTES, HEAD_ROOM_BYTES + lengthBytes);
    const loaded = read(piece, bytes).then(
      () => {
        entry.isLoaded = true;
        if (entry.askers > 0) return;
        if (this.#isThere(owner, entry)) this.#waiting.shift()?.();
        else this.#freed(buffer);
      },
      (error: unknown) => {
        if (this.#isThere(owner, entry)) this.#remove(owner, entry);
        this.#freed(buffer);
        throw error;
      },
    );
    const entry: Entry = { piece, buffer, bytes, loaded, isLoaded: false, askers: 0, usedAt: ++this.#uses };
    let ofOwner = this.#entries.get(owner);
    if (ofOwner === undefined) {
      ofOwner = new Map();
      this.#entries.set(owner, ofOwner);
    }
    ofOwner.set(piece, entry);
    return entry;
  }

  #letGo(owner: object, entry: Entry): void {
    if (--entry.askers > 0) return;
    if (entry.isLoaded && !this.#isThere(owner, entry)) this.#freed(entry.buffer);
    else this.#waiting.shift()?.();
  }

  #isThere(owner: object, entry: Entry): boolean {
    return this.#entries.get(owner)?.get(entry.piece) === entry;
  }

  #remove(owner: object, entry: Entry): void {
    const ofOwner = this.#entries.get(owner)!;
    ofOwner.delete(entry.piece);
    if (ofOwner.size === 0) this.#entries.delete(owner);
  }

  #freed(buffer: Uint8Array): void {
    this.#free.push(buffer);
    this.#waiting.shift()?.();
  }

  #takeBuffer(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#buffers < this.#size) {
      this.#buffers++;
      return Buffer.allocUnsafeSlow(HEAD_ROOM_BYTES + PIECE_BYTES);
    }
    let oldest: { readonly owner: object; readonly entry: Entry } | undefined;
    for (const [owner, entries] of this.#entries) {
      for (const entry of entries.values()) {
        if (entry.isLoaded && entry.askers === 0 && (oldest === undefined || entry.usedAt < oldest.entry.usedAt))
          oldest = { owner, entry };
      }
    }
    if (oldest === undefined) return undefined;
    this.#remove(oldest.owner, oldest.entry);
    return oldest.entry.buffer;
  }
}
