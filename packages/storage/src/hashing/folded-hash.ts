import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import type { DownloadStore } from '../download/download-store.ts';
import { StoreError } from '../piece-store.ts';
import { FollowingHash } from './following-hash.ts';
import type { PieceHash, RunningHash } from './running-hash.ts';
import { Sha1, updateTogether } from './sha1.ts';
import { PieceVerifier } from './verifying.ts';

/** So many more pieces came in another order than in the file's: to hash them once more is left to another thread, which does it beside this one. */
const DISORDERED_PIECES = 16;
/** So far behind what is stored, and for more than half of it: the same. */
const FAR_BEHIND_PIECES = 64;
/** Read back at once: waking a thread for files costs a sixth of the hashing of a piece. */
const READ_PIECES = 4;
/** Less than a millisecond. Fewer than come in a turn of the event loop would never catch up. */
const FOLDS_A_TURN = 3;

/**
 * The whole file's SHA-1, folded in piece by piece on the thread that verifies: where pieces come in the order of the file, one way through the bytes makes both hashes. The few that came too early
 * are read back from the store when their turn has come, and hashed alone, some in a turn of the event loop. Where they are not few, it is left to a thread that follows.
 *
 * Always true: the hash has seen exactly the pieces before `#next`, each once, as it was verified or as it is stored; with a `#follower` it goes on no more.
 */
export class FoldedHash implements RunningHash {
  readonly #store: DownloadStore;
  readonly #pieceHash: PieceHash;
  /** Of pieces whose turn it is not. */
  readonly #verifier: PieceVerifier;
  readonly #outcome = Promise.withResolvers<Uint8Array>();
  readonly #buffers: Uint8Array[] = [];
  #whole = new Sha1();
  #next = 0;
  /** Stored without a gap from the beginning on. */
  #leading = 0;
  /** Grows by each piece that comes in another order than the file's, and shrinks by each one that comes in it. */
  #disorder = 0;
  #follower: Promise<FollowingHash | undefined> | undefined;
  #catchingUp: Promise<void> | undefined;
  #isEnding = false;
  #isClosed = false;

  constructor(store: DownloadStore, pieceHash: PieceHash) {
    this.#store = store;
    this.#pieceHash = pieceHash;
    this.#verifier = new PieceVerifier(pieceHash);
    this.#outcome.promise.catch(() => undefined); // told by `digest`, whenever that is asked
    this.advance();
  }

  verify(piece: PieceIndex, bytes: Uint8Array, mayWait?: boolean): boolean | Promise<boolean> {
    if (piece !== this.#next || this.#follower || this.#catchingUp) {
      this.#disorder++;
      return this.#verifier.verify(piece, bytes, mayWait);
    }
    const ofPiece = new Sha1();
    const goneOn = this.#whole.copy();
    updateTogether([ofPiece, goneOn], [bytes, bytes]);
    if (Buffer.compare(ofPiece.digest(), this.#pieceHash(piece)) !== 0) return false;
    this.#whole = goneOn;
    this.#next++;
    this.#disorder = Math.max(0, this.#disorder - 1);
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
    const isFarBehind = this.#leading - this.#next >= Math.max(FAR_BEHIND_PIECES, this.#next);
    if (isFarBehind || this.#disorder > DISORDERED_PIECES) this.#follower = this.#follow();
    else if (this.#next < this.#leading) this.#catchUp();
    else if (have.isFull) this.#end();
  }

  digest(): Promise<Uint8Array> {
    return this.#outcome.promise;
  }

  async close(): Promise<void> {
    this.#fail(new StoreError('io', `hashing ${this.#store.path} was ended`));
    await this.#catchingUp;
    await (await this.#follower)?.close();
  }

  #fail(error: unknown): void {
    this.#isClosed = true;
    this.#outcome.reject(error);
  }

  async #follow(): Promise<FollowingHash | undefined> {
    try {
      const follower = await FollowingHash.start(this.#store, this.#pieceHash);
      follower.digest().then(this.#outcome.resolve, this.#outcome.reject);
      return follower;
    } catch (error) {
      this.#outcome.reject(error);
      return undefined;
    }
  }

  #catchUp(): void {
    this.#catchingUp ??= this.#foldStored()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#catchingUp = undefined;
        this.advance();
      });
  }

  async #foldStored(): Promise<void> {
    while (this.#next < this.#leading && !this.#isClosed && !this.#follower) {
      const count = Math.min(READ_PIECES, this.#leading - this.#next);
      const pieces = await Promise.all(Array.from({ length: count }, (_, place) => this.#read(place)));
      for (const [place, bytes] of pieces.entries()) {
        if (place % FOLDS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        this.#whole.update(bytes);
        this.#next++;
      }
    }
  }

  /** The piece so many behind the next one. */
  async #read(place: number): Promise<Uint8Array> {
    const piece = (this.#next + place) as PieceIndex;
    this.#buffers[place] ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    const bytes = this.#buffers[place].subarray(0, this.#store.geometry.pieceLengthBytes(piece));
    await this.#store.readPiece(piece, bytes);
    return bytes;
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
