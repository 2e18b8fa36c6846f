import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import type { DownloadStore } from '../download/download-store.ts';
import { StoreError } from '../piece-store.ts';
import { FollowingHash } from './following-hash.ts';
import type { PieceHash, RunningHash, SpareBuffers } from './running-hash.ts';
import { Sha1, sha1, updateTogether } from './sha1.ts';

/** So far behind what is stored, and more than half of it: a thread of its own does it from the beginning on sooner than this one, which has the download to do. */
const FAR_BEHIND_PIECES = 64;
/** Less than a millisecond. Fewer than come in a turn of the event loop would never catch up. */
const FOLDS_A_TURN = 3;
/** Read back at once: waking a thread for files costs a sixth of the hashing of a piece. */
const READ_PIECES = 4;

/**
 * The whole file's SHA-1, folded in piece by piece on the thread that verifies: where pieces come in the order of the file, one way through the bytes makes both hashes. What came too early is
 * kept, or read back from the store when its turn has come, and hashed alone, some pieces in a turn of the event loop. Where that would be much (pieces come in any order, or were there from the start),
 * it is left to a thread that follows.
 *
 * Always true: the hash has seen exactly the pieces before `#next`, each once and as it was verified or stored; a buffer in `#atHand` is nobody else's.
 */
export class FoldedHash implements RunningHash {
  readonly #store: DownloadStore;
  readonly #pieceHash: PieceHash;
  readonly #spare: SpareBuffers;
  readonly #outcome = Promise.withResolvers<Uint8Array>();
  /** Stored pieces from `#next` on, each at the beginning of its buffer. */
  readonly #atHand = new Map<number, Uint8Array>();
  #whole = new Sha1();
  #next = 0;
  /** Stored without a gap from the beginning on. */
  #leading = 0;
  #follower: Promise<FollowingHash | undefined> | undefined;
  #turn: NodeJS.Immediate | undefined;
  #reading: Promise<void> | undefined;
  /** For the piece whose turn it is: nobody waits for others' buffers. */
  #ownBuffer: Uint8Array | undefined;
  #isEnding = false;
  /** Also where it failed. */
  #isClosed = false;

  constructor(store: DownloadStore, pieceHash: PieceHash, spare: SpareBuffers) {
    this.#store = store;
    this.#pieceHash = pieceHash;
    this.#spare = spare;
    this.#outcome.promise.catch(() => undefined); // told by `digest`, whenever that is asked
    this.advance();
  }

  verify(piece: PieceIndex, bytes: Uint8Array): boolean {
    const expected = this.#pieceHash(piece);
    if (piece !== this.next()) return Buffer.compare(sha1(bytes), expected) === 0;
    const ofPiece = new Sha1();
    const goneOn = this.#whole.copy();
    updateTogether([ofPiece, goneOn], [bytes, bytes]);
    if (Buffer.compare(ofPiece.digest(), expected) !== 0) return false;
    this.#whole = goneOn;
    this.#next++;
    return true;
  }

  next(): PieceIndex | undefined {
    return this.#follower ? undefined : this.#store.geometry.piece(this.#next);
  }

  keep(piece: PieceIndex, buffer: Uint8Array): boolean {
    if (piece < this.#next || this.#isClosed || this.#follower || this.#atHand.has(piece)) return false;
    if (piece === this.#next) {
      this.#fold(buffer);
      return false;
    }
    if (!this.#spare.keep()) {
      const farthest = Math.max(...this.#atHand.keys());
      if (farthest < piece) return false; // also where none is held here
      this.#letGo(farthest);
      if (!this.#spare.keep()) return false;
    }
    this.#atHand.set(piece, buffer);
    return true;
  }

  advance(): void {
    if (this.#isClosed) return;
    if (this.#follower) {
      void this.#follower.then((follower) => follower?.advance());
      return;
    }
    const { have } = this.#store;
    while (this.#leading < have.geometry.pieceCount && have.has(this.#leading as PieceIndex)) this.#leading++;
    if (this.#leading - this.#next >= Math.max(FAR_BEHIND_PIECES, this.#next)) {
      this.#follower = this.#follow();
      return;
    }
    if (this.#next === have.geometry.pieceCount) {
      if (have.isFull) this.#end();
      return;
    }
    this.#readOn();
    if (this.#turn !== undefined || !this.#atHand.has(this.#next)) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#foldAtHand();
      this.advance();
    });
  }

  digest(): Promise<Uint8Array> {
    return this.#outcome.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#outcome.reject(new StoreError('io', `hashing ${this.#store.path} was ended`));
    clearImmediate(this.#turn);
    await this.#reading;
    this.#letGoAll();
    await (await this.#follower)?.close();
  }

  async #follow(): Promise<FollowingHash | undefined> {
    clearImmediate(this.#turn);
    await this.#reading;
    this.#letGoAll();
    try {
      const follower = await FollowingHash.start(this.#store, this.#pieceHash);
      follower.digest().then(this.#outcome.resolve, this.#outcome.reject);
      return follower;
    } catch (error) {
      this.#outcome.reject(error);
      return undefined;
    }
  }

  #foldAtHand(): void {
    for (let folds = 0; folds < FOLDS_A_TURN; folds++) {
      const piece = this.#next;
      const buffer = this.#atHand.get(piece);
      if (buffer === undefined) return;
      this.#fold(buffer);
      this.#letGo(piece);
    }
  }

  #fold(buffer: Uint8Array): void {
    this.#whole.update(buffer.subarray(0, this.#lengthOf(this.#next)));
    this.#next++;
  }

  /** Begins to read the stored pieces that are missing at hand, where their turn comes soon. */
  #readOn(): void {
    if (this.#reading !== undefined) return;
    let first = this.#next;
    while (this.#atHand.has(first)) first++;
    if (first - this.#next >= READ_PIECES) return;
    const { have } = this.#store;
    const reads: Promise<void>[] = [];
    for (let piece = first; reads.length < READ_PIECES && have.geometry.piece(piece) !== undefined; piece++) {
      if (this.#atHand.has(piece) || !have.has(piece as PieceIndex)) break;
      const buffer = this.#spare.take() ?? (piece === this.#next ? this.#takeOwn() : undefined);
      if (buffer === undefined) break;
      reads.push(this.#read(piece, buffer));
    }
    if (reads.length === 0) return;
    this.#reading = Promise.all(reads).then(() => {
      this.#reading = undefined;
      this.advance();
    });
  }

  async #read(piece: number, buffer: Uint8Array): Promise<void> {
    try {
      await this.#store.readPiece(piece as PieceIndex, buffer.subarray(0, this.#lengthOf(piece)));
    } catch (error) {
      this.#isClosed = true;
      this.#outcome.reject(error);
    }
    if (this.#isClosed || piece < this.#next || this.#atHand.has(piece)) this.#giveBack(buffer);
    else this.#atHand.set(piece, buffer);
  }

  #letGoAll(): void {
    for (const piece of [...this.#atHand.keys()]) this.#letGo(piece);
  }

  #letGo(piece: number): void {
    this.#giveBack(this.#atHand.get(piece)!);
    this.#atHand.delete(piece);
  }

  #takeOwn(): Uint8Array {
    const buffer = this.#ownBuffer ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
    this.#ownBuffer = buffer;
    return buffer;
  }

  #giveBack(buffer: Uint8Array): void {
    if (buffer !== this.#ownBuffer) this.#spare.give(buffer);
  }

  #lengthOf(piece: number): number {
    return this.#store.geometry.pieceLengthBytes(piece as PieceIndex);
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#store.checkSize().then(
      () => this.#outcome.resolve(this.#whole.digest()),
      (error: unknown) => this.#outcome.reject(error),
    );
  }
}
