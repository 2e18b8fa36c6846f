import { createHash, type Hash, hash } from 'node:crypto';
import { digestOf, loadNativeSha1, type NativeSha1, padded, startState } from './native-sha1.ts';

const usual = loadNativeSha1() ?? null;

/** Whether what the set-up compiled is used here. Without it all goes by Node's own SHA-1, one after the other. */
export const sha1IsCompiled: boolean = usual !== null;

/** Pieces that are hashed one after the other are read so many at a time: more gain little, and 4 MiB stay in the cache. */
export const TOGETHER_PIECES = 8;

const BLOCK_BYTES = 64;
const NOTHING = new Uint8Array(0);
/** So many have lanes of their own; fewer go two by two. */
const FEWEST_LANES = 5;

/** A SHA-1 under way (FIPS 180-4). Always true: `#rest` holds what came behind the last whole block, all before it is in `#state`. */
export class Sha1 {
  readonly #native: NativeSha1 | null;
  #byNode: Hash | undefined;
  readonly #state = startState();
  readonly #rest = new Uint8Array(new ArrayBuffer(BLOCK_BYTES));
  #restBytes = 0;
  #lengthBytes = 0;
  #ended = false;

  /** `native`: null for Node's own. */
  constructor(native: NativeSha1 | null = usual) {
    this.#native = native;
    if (native === null) this.#byNode = createHash('sha1');
  }

  update(bytes: Uint8Array): void {
    if (this.#byNode) this.#byNode.update(bytes);
    else {
      const blocks = this.#wholeBlocks(bytes);
      if (blocks.length > 0) this.#native?.goOn(this.#state, blocks);
    }
  }

  /** 20 bytes. Nothing can be added afterwards. */
  digest(): Uint8Array {
    if (this.#byNode) return this.#byNode.digest();
    this.#mustGoOn();
    this.#ended = true;
    this.#native?.goOn(this.#state, padded(this.#rest.subarray(0, this.#restBytes), this.#lengthBytes));
    return digestOf(this.#state);
  }

  /** Another one that goes on from here. */
  copy(): Sha1 {
    const copy = new Sha1(this.#native);
    if (this.#byNode) copy.#byNode = this.#byNode.copy();
    copy.#state.set(this.#state);
    copy.#rest.set(this.#rest);
    copy.#restBytes = this.#restBytes;
    copy.#lengthBytes = this.#lengthBytes;
    copy.#ended = this.#ended;
    return copy;
  }

  /** One that goes on elsewhere after so many bytes, whole blocks of 64, that left this state. Only where SHA-1 is compiled. */
  static after(lengthBytes: number, state: Uint32Array): Sha1 {
    const sha1 = new Sha1();
    sha1.#state.set(state);
    sha1.#lengthBytes = lengthBytes;
    return sha1;
  }

  /** For {@link after}: five words. */
  get state(): Uint32Array {
    if (this.#native === null || this.#restBytes > 0) throw new Error('this SHA-1 can go on nowhere else now');
    return this.#state.slice();
  }

  static updateTogether(hashes: readonly Sha1[], parts: readonly Uint8Array[]): void {
    const streams: Stream[] = [];
    for (const [at, sha1] of hashes.entries()) {
      const bytes = parts[at]!;
      if (sha1.#native === null) {
        sha1.update(bytes);
        continue;
      }
      const stream = { native: sha1.#native, state: sha1.#state, blocks: sha1.#wholeBlocks(bytes) };
      if (stream.blocks.length > 0) streams.push(stream);
    }
    sideBySide(afterPairs(streams));
  }

  /** Of these bytes: what completes the block begun before is hashed at once, what is no whole block at their end is kept; the blocks between are left to the caller. */
  #wholeBlocks(bytes: Uint8Array): Uint8Array {
    this.#mustGoOn();
    this.#lengthBytes += bytes.length;
    let from = 0;
    if (this.#restBytes > 0) {
      from = Math.min(BLOCK_BYTES - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, from), this.#restBytes);
      this.#restBytes += from;
      if (this.#restBytes < BLOCK_BYTES) return NOTHING;
      this.#native?.goOn(this.#state, this.#rest);
    }
    const end = bytes.length - ((bytes.length - from) % BLOCK_BYTES);
    this.#rest.set(bytes.subarray(end));
    this.#restBytes = bytes.length - end;
    return bytes.subarray(from, end);
  }

  #mustGoOn(): void {
    if (this.#ended) throw new Error('this SHA-1 was ended already');
  }
}

interface Stream {
  readonly native: NativeSha1;
  readonly state: Uint32Array;
  /** Whole blocks that are not hashed yet. */
  readonly blocks: Uint8Array;
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length;

/** Where the same bytes go to two, both are made in one pass; the streams left over. */
function afterPairs(streams: readonly Stream[]): readonly Stream[] {
  const alone: Stream[] = [];
  for (const stream of streams) {
    const twin = alone.findIndex(({ blocks }) => isSame(blocks, stream.blocks));
    if (twin < 0) alone.push(stream);
    else stream.native.goOn(alone.splice(twin, 1)[0]!.state, stream.blocks, stream.state, stream.blocks);
  }
  return alone;
}

/** The longest ones go on together by as much as the shortest of them has left, again and again. */
function sideBySide(streams: readonly Stream[]): void {
  let left = [...streams];
  while (left.length > 0) {
    left.sort((one, other) => other.blocks.length - one.blocks.length);
    const [{ native }] = left as [Stream];
    const together = left.splice(0, left.length < FEWEST_LANES ? Math.min(2, native.mostLanes) : native.mostLanes);
    const lengthBytes = together.at(-1)!.blocks.length;
    native.goOn(...together.flatMap(({ state, blocks }) => [state, blocks.subarray(0, lengthBytes)]));
    left = left.concat(
      together
        .filter(({ blocks }) => blocks.length > lengthBytes)
        .map(({ blocks, ...stream }) => ({ ...stream, blocks: blocks.subarray(lengthBytes) })),
    );
  }
}

/**
 * Goes on with each of `hashes` (none twice) by the bytes at the same place of `parts`. The very same bytes for two of them (a piece and
 * the file that it belongs to) are hashed in one pass, which saves a third; two with other bytes a little less; with eight and more it is
 * twice to four times as fast as one by one. Lengths may differ.
 */
export const updateTogether = Sha1.updateTogether;

/** SHA-1 of a whole piece, 20 bytes. */
export function sha1(bytes: Uint8Array): Uint8Array {
  if (!sha1IsCompiled) return hash('sha1', bytes, 'buffer');
  const whole = new Sha1();
  whole.update(bytes);
  return whole.digest();
}

/** Whether the SHA-1 of a whole piece is these 20 bytes. */
export const hasSha1 = (bytes: Uint8Array, expected: Uint8Array): boolean =>
  Buffer.compare(sha1(bytes), expected) === 0;

/** SHA-1 of each of several whole pieces, 20 bytes each, side by side. */
export function sha1OfEach(parts: readonly Uint8Array[]): Uint8Array[] {
  const hashes = parts.map(() => new Sha1());
  updateTogether(hashes, parts);
  return hashes.map((each) => each.digest());
}
