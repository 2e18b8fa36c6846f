import type { Geometry } from '@peerage/bittorrent';
import { type BlockId, blocksOf } from './block-id.ts';

/** 512 KiB: enough to find out how fast a connection is. */
const FIRST_BYTES = 512 * 1024;
/** 2 MiB: safe on fast links (measured, see the depth table of the engine design). */
const MOST_BYTES = 2 * 1024 * 1024;
const FEWEST_BYTES = 64 * 1024;
/**
 * How long the sender's queue should last beyond the round trip, so that it never runs dry: on a machine with more to do than it can, a process may wait a fifth of a second for its turn,
 * and what a line did not carry meanwhile is lost. On a fast link 768 KiB is plenty, since half a mebibyte is read at once, and whatever is outstanding when this process is killed has to be sent twice.
 */
const QUEUE_MS = 350;
const FAST_BYTES_PER_SECOND = 20_000_000;
const MOST_QUEUED_BYTES = 2 * 1024 * 1024;
const MOST_QUEUED_FAST_BYTES = 768 * 1024;
/** 64 ms for a piece. Lines of 50 Mbit/s, and what is slower, keep to blocks of 16 KiB: what is asked for can be taken back, and half a piece is worth something. */
const WHOLE_BYTES_PER_SECOND = 8_000_000;
const SAMPLE_MS = 100;
/** What is left of the highest rate after a sample. */
const MOST_FADES = 0.99;
/** Answers to given-up requests that are remembered as no offence. */
const FORGIVEN_MOST = 1024;

/** What is common to the connections of a transfer. */
export interface RequestTally {
  /** All together are asked for. */
  blocks: number;
  readonly geometry: Geometry;
}

/**
 * What one connection is asked for, and how much that may be: its rate × (round trip + queue time).
 *
 * A request given up is forgiven: one answer to it may still come. Where the same block is asked for again, the answers come in order: the
 * first one settles the forgiven request.
 */
export class RequestWindow {
  readonly #tally: RequestTally;
  readonly #outstanding = new Map<BlockId, number>();
  readonly #forgiven = new Map<BlockId, number>();
  #blocks = 0;
  #bytesPerSecond = 0;
  #mostBytesPerSecond = 0;
  #roundTripMs = Number.POSITIVE_INFINITY;
  #sampleSinceMs = 0;
  #sampleBytes = 0;
  /** Nobody else is connected: then twice as much may wait at a fast sender, and a kill loses no more than with two senders. */
  isOnly = false;
  /** When a block last arrived, or when the first request after idleness went out. */
  progressMs = 0;

  constructor(tally: RequestTally) {
    this.#tally = tally;
  }

  /** How many blocks are outstanding. */
  get size(): number {
    return this.#blocks;
  }

  /** A whole piece is here so soon that nothing is gained by asking for its blocks one by one. */
  get isFast(): boolean {
    return this.#bytesPerSecond > WHOLE_BYTES_PER_SECOND;
  }

  /** Bytes per second, 0 until measured. */
  get rateBytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** The highest rate there was, forgotten slowly: what it can send when nobody else is served. 0 until measured. */
  get mostBytesPerSecond(): number {
    return this.#mostBytesPerSecond;
  }

  /** The shortest time seen from a request to its block; 0 until measured. */
  get roundTripMs(): number {
    return Number.isFinite(this.#roundTripMs) ? this.#roundTripMs : 0;
  }

  /** How many may be outstanding in any case. */
  get mostBlocks(): number {
    return MOST_BYTES / this.#tally.geometry.blockBytes;
  }

  /** How many blocks may be outstanding. */
  get limitBlocks(): number {
    const { blockBytes } = this.#tally.geometry;
    if (this.#bytesPerSecond === 0) return FIRST_BYTES / blockBytes;
    const isFast = !this.isOnly && this.#bytesPerSecond > FAST_BYTES_PER_SECOND;
    const mostBytes = isFast ? MOST_QUEUED_FAST_BYTES : MOST_QUEUED_BYTES;
    const queuedBytes = Math.min(mostBytes, (this.#bytesPerSecond * QUEUE_MS) / 1000);
    const bytes = (this.#bytesPerSecond * this.roundTripMs) / 1000 + queuedBytes;
    return Math.ceil(Math.max(FEWEST_BYTES, Math.min(MOST_BYTES, bytes)) / blockBytes);
  }

  has(id: BlockId): boolean {
    return this.#outstanding.has(id);
  }

  /** When it was asked for; undefined where it is not outstanding. */
  askedMs(id: BlockId): number | undefined {
    return this.#outstanding.get(id);
  }

  ids(): IterableIterator<BlockId> {
    return this.#outstanding.keys();
  }

  add(id: BlockId, nowMs: number): void {
    if (this.#outstanding.size === 0) {
      this.progressMs = nowMs;
      this.#sampleSinceMs = nowMs;
      this.#sampleBytes = 0;
    }
    if (!this.#outstanding.has(id)) this.#count(blocksOf(this.#tally.geometry, id));
    this.#outstanding.set(id, nowMs);
  }

  /** The block came: answers when it was asked for. */
  arrived(id: BlockId, lengthBytes: number, nowMs: number): number {
    const sentMs = this.#outstanding.get(id);
    if (sentMs === undefined) return nowMs;
    this.remove(id);
    this.#roundTripMs = Math.min(this.#roundTripMs, nowMs - sentMs);
    this.progressMs = nowMs;
    this.#sampleBytes += lengthBytes;
    const elapsedMs = nowMs - this.#sampleSinceMs;
    if (elapsedMs < SAMPLE_MS) return sentMs;
    const sample = (this.#sampleBytes * 1000) / elapsedMs;
    this.#bytesPerSecond = this.#bytesPerSecond === 0 ? sample : this.#bytesPerSecond * 0.6 + sample * 0.4;
    this.#mostBytesPerSecond = Math.max(this.#mostBytesPerSecond * MOST_FADES, this.#bytesPerSecond);
    this.#sampleSinceMs = nowMs;
    this.#sampleBytes = 0;
    return sentMs;
  }

  /** The peer will not send it. False where it was not outstanding. */
  remove(id: BlockId): boolean {
    if (!this.#outstanding.delete(id)) return false;
    this.#count(-blocksOf(this.#tally.geometry, id));
    return true;
  }

  #count(blocks: number): void {
    this.#blocks += blocks;
    this.#tally.blocks += blocks;
  }

  /** We want it no more, but it may be on its way already. */
  forgive(id: BlockId): void {
    if (!this.remove(id)) return;
    this.#forgiven.set(id, (this.#forgiven.get(id) ?? 0) + 1);
    if (this.#forgiven.size <= FORGIVEN_MOST) return;
    const [oldest] = this.#forgiven.keys();
    this.#forgiven.delete(oldest!);
  }

  /** An answer to a given-up request came: true where there was one. */
  settleForgiven(id: BlockId): boolean {
    const answers = this.#forgiven.get(id);
    if (answers === undefined) return false;
    if (answers === 1) this.#forgiven.delete(id);
    else this.#forgiven.set(id, answers - 1);
    return true;
  }

  /** Milliseconds since the connection last did anything for us; 0 while it is asked for nothing. */
  silentMs(nowMs: number): number {
    return this.#outstanding.size === 0 ? 0 : nowMs - this.progressMs;
  }

  /** Told on every tick: a rate that no block confirms any more fades. */
  fade(nowMs: number): void {
    if (this.#outstanding.size === 0 || nowMs - this.#sampleSinceMs < 1000) return;
    const sample = (this.#sampleBytes * 1000) / (nowMs - this.#sampleSinceMs);
    if (sample < this.#bytesPerSecond) this.#bytesPerSecond = this.#bytesPerSecond * 0.6 + sample * 0.4;
    this.#sampleSinceMs = nowMs;
    this.#sampleBytes = 0;
  }
}
