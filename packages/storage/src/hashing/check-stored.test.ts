import { hash, randomBytes } from 'node:crypto';
import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../memory-store.ts';
import { checkStored } from './check-stored.ts';

const LAST_BYTES = 1_001;

/** A store of so many pieces, the last one short, of which some were changed behind its back and some can't be read. */
function storeOf(pieces: number, { changed = [] as number[], unreadable = [] as number[], lacking = [] as number[] }) {
  const content = randomBytes((pieces - 1) * PIECE_BYTES + LAST_BYTES);
  const geometry = new Geometry(content.length);
  const right = [...geometry.pieces()].map((piece) => {
    const offset = geometry.pieceOffsetBytes(piece);
    return hash('sha1', content.subarray(offset, offset + geometry.pieceLengthBytes(piece)), 'buffer');
  });
  for (const piece of changed) content[piece * PIECE_BYTES]! ^= 1;
  const store = new MemoryStore(geometry, {
    content,
    fail: (_operation, piece) => (unreadable.includes(piece!) ? 'io' : undefined),
  });
  for (const piece of lacking) store.have.clear(piece as PieceIndex);
  return { store, pieceHash: (piece: PieceIndex) => right[piece]! };
}

const never = new AbortController().signal;

describe('what is stored is read again', () => {
  test.each([1, 7, 8, 9, 16, 17, 35])('%i pieces: which are wrong', async (pieces) => {
    const those = (...some: number[]) => [...new Set(some)].filter((piece) => piece < pieces);
    const [changed, unreadable, lacking] = [those(pieces - 1, 8, 20), those(9, 33), those(3, 12)];
    const { store, pieceHash } = storeOf(pieces, { changed, unreadable, lacking });
    const told: number[] = [];
    const onProgress = (doneBytes: number) => told.push(doneBytes);
    const found = await checkStored(store, pieceHash, { signal: never, onProgress });
    const wrong = [...new Set([...changed, ...unreadable])].filter((piece) => !lacking.includes(piece));
    expect(found).toEqual({ pieces: pieces - lacking.length, wrong: wrong.sort((a, b) => a - b) });
    expect(told.at(-1)).toBe((pieces - 1 - lacking.length) * PIECE_BYTES + LAST_BYTES);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('nothing: nothing is wrong', async () => {
    const { store, pieceHash } = storeOf(1, { lacking: [0] });
    const onProgress = () => undefined;
    expect(await checkStored(store, pieceHash, { signal: never, onProgress })).toEqual({ pieces: 0, wrong: [] });
  });

  test('ended on the way it says what it had found, and reads nothing afterwards', async () => {
    const { store, pieceHash } = storeOf(40, { changed: [1, 30] });
    const ending = new AbortController();
    let reads = 0;
    const counting = {
      geometry: store.geometry,
      have: store.have,
      readPiece: (piece: PieceIndex, into: Uint8Array) => {
        reads++;
        return store.readPiece(piece, into);
      },
    };
    const found = await checkStored(counting, pieceHash, { signal: ending.signal, onProgress: () => ending.abort() });
    expect(found).toEqual({ pieces: 8, wrong: [1] });
    expect(reads).toBe(16);
  });
});
