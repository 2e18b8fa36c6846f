import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What packages/storage/native/sha1.c offers. */
export interface NativeSha1 {
  /**
   * goOn(state, bytes, state, bytes, …): 1 to 16 states (Uint32Array of 5), each gone on with by its bytes (Uint8Array), all equally many
   * and in whole blocks of 64. TypeError for anything else.
   */
  readonly goOn: (...statesAndBytes: (Uint32Array | Uint8Array)[]) => void;
  /** So many streams are hashed at once; 1 where a second one takes as long again. */
  readonly mostLanes: number;
}

/** Where the set-up compiles it to; beside the program's main file when everything is bundled into one folder. */
const usualFolder = () => new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : './', import.meta.url);

/**
 * The compiled SHA-1; undefined where it was not made, is not what was made (its SHA-256 is noted beside it: a file cut short ends the
 * process that loads it), does not fit this processor or computes wrongly.
 */
export function loadNativeSha1(folder: URL = usualFolder()): NativeSha1 | undefined {
  const name = `sha1-${process.platform}-${process.arch}`;
  try {
    const file = fileURLToPath(new URL(`${name}.node`, folder));
    const { sha256 } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { sha256?: string };
    if (hash('sha256', readFileSync(file)) !== sha256) return undefined;
    const native = createRequire(import.meta.url)(file) as Partial<NativeSha1>;
    return isRight(native) ? native : undefined;
  } catch {
    return undefined; // not there, or not for this system: Node's own does the same
  }
}

/** Tried with every way it has: one stream, one for two states, and each width of lanes. */
function isRight(native: Partial<NativeSha1>): native is NativeSha1 {
  const { goOn, mostLanes } = native;
  if (typeof goOn !== 'function' || typeof mostLanes !== 'number') return false;
  const isRightFor = (streams: readonly Uint8Array[]): boolean => {
    const states = streams.map(() => startState());
    goOn(...streams.flatMap((stream, at) => [states[at]!, padded(stream)]));
    return streams.every((stream, at) => Buffer.compare(digestOf(states[at]!), hash('sha1', stream, 'buffer')) === 0);
  };
  const streams = Array.from({ length: 16 }, (_, lane) => Uint8Array.from({ length: 119 }, (_, at) => lane * 31 + at));
  if (![1, 2, 8, 16].every((count) => isRightFor(streams.slice(0, count)))) return false;
  const bytes = padded(streams[3]!);
  const states = [startState(), startState()] as const;
  goOn(states[0], bytes, states[1], bytes);
  return states.every((state) => Buffer.compare(digestOf(state), hash('sha1', streams[3]!, 'buffer')) === 0);
}

/** The state before the first byte (FIPS 180-4, 5.3.1). */
export function startState(): Uint32Array {
  const state = new Uint32Array(new ArrayBuffer(20)); // outside of V8's heap from the start: it would be moved there at the first call
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  return state;
}

/** A whole message with what FIPS 180-4, 5.1.1 puts behind it; or the last bytes of one of `lengthBytes`. */
export function padded(bytes: Uint8Array, lengthBytes = bytes.length): Uint8Array {
  const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  new DataView(blocks.buffer).setBigUint64(blocks.length - 8, BigInt(lengthBytes) * 8n);
  return blocks;
}

export function digestOf(state: Uint32Array): Uint8Array {
  const digest = new Uint8Array(20);
  const view = new DataView(digest.buffer);
  for (const [at, word] of state.entries()) view.setUint32(at * 4, word);
  return digest;
}
