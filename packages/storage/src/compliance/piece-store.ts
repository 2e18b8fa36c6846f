import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { expect, test } from 'vitest';
import { type PieceStore, StoreError, type StoreFailure } from '../piece-store.ts';
import { contentOf, pieceOf } from './content.ts';

export async function failureOf(promise: Promise<unknown>): Promise<StoreFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StoreError)) throw new Error('no StoreError', { cause: error });
  expect(error.message).toMatch(/[^.]$/);
  return error.failure;
}

const sizes = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 9 * PIECE_BYTES + 12345];

/** What every store that can be read must do. `open` gives a store that has all of `content`; the caller removes what it made. */
export function readingCompliance(open: (content: Uint8Array) => Promise<PieceStore>): void {
  test.each(sizes)('reads every piece of %i bytes, in any order and at once', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const store = await open(content);
    const { geometry } = store;
    expect(geometry.sizeBytes).toBe(sizeBytes);
    expect(store.have.isFull).toBe(true);
    await Promise.all(
      [...geometry.pieces()].reverse().map(async (piece) => {
        const into = new Uint8Array(geometry.pieceLengthBytes(piece));
        await store.readPiece(piece, into);
        expect(Buffer.compare(into, pieceOf(content, geometry, piece))).toBe(0);
      }),
    );
    await store.close();
  });

  test('refuses buffers of another length', async () => {
    const store = await open(contentOf(PIECE_BYTES + 5));
    const [first, last] = [...store.geometry.pieces()] as [PieceIndex, PieceIndex];
    await expect(store.readPiece(first, new Uint8Array(5))).rejects.toThrow(RangeError);
    await expect(store.readPiece(last, new Uint8Array(PIECE_BYTES))).rejects.toThrow(RangeError);
    await expect(store.writePiece(last, new Uint8Array(4))).rejects.toThrow(RangeError);
    await store.close();
  });

  test('closes twice, also while reads are under way, and refuses afterwards', async () => {
    const content = contentOf(3 * PIECE_BYTES);
    const store = await open(content);
    const { geometry } = store;
    const reads = [...geometry.pieces()].map(async (piece) => {
      const into = new Uint8Array(geometry.pieceLengthBytes(piece));
      await store.readPiece(piece, into);
      return Buffer.compare(into, pieceOf(content, geometry, piece));
    });
    await Promise.all([store.close(), store.close()]);
    for (const outcome of await Promise.allSettled(reads)) {
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe(0);
      else expect(await failureOf(Promise.reject(outcome.reason))).toBe('io');
    }
    await store.close();
    expect(await failureOf(store.readPiece(geometry.piece(0)!, new Uint8Array(PIECE_BYTES)))).toBe('io');
  });
}

/** What every store that takes pieces must do. `open` gives an empty store of that size. */
export function writingCompliance(open: (sizeBytes: number) => Promise<PieceStore>): void {
  test.each(sizes)('gives back what was written, %i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const store = await open(sizeBytes);
    const { geometry } = store;
    expect(store.have.count).toBe(0);
    const buffer = new Uint8Array(PIECE_BYTES);
    for (const piece of [...geometry.pieces()].reverse()) {
      const into = new Uint8Array(geometry.pieceLengthBytes(piece));
      await expect(store.readPiece(piece, into)).rejects.toThrow(RangeError);
      const bytes = buffer.subarray(0, into.length);
      bytes.set(pieceOf(content, geometry, piece));
      await store.writePiece(piece, bytes);
      expect(store.have.has(piece)).toBe(true);
      // The buffer is the caller's again.
      bytes.fill(0);
      await store.readPiece(piece, into);
      expect(Buffer.compare(into, pieceOf(content, geometry, piece))).toBe(0);
      await store.checkpoint();
    }
    expect(store.have.isFull).toBe(true);
    expect(await store.finish()).toMatch(/./);
    await store.checkpoint();
    for (const piece of geometry.pieces()) {
      const into = new Uint8Array(geometry.pieceLengthBytes(piece));
      await store.readPiece(piece, into);
      expect(Buffer.compare(into, pieceOf(content, geometry, piece))).toBe(0);
    }
    await store.close();
  });

  test('what is written unverified counts once it is kept; what turned out wrong is written again', async () => {
    const content = contentOf(2 * PIECE_BYTES + 9);
    const store = await open(content.length);
    const { geometry } = store;
    const [first, second, last] = [...geometry.pieces()] as [PieceIndex, PieceIndex, PieceIndex];
    const into = new Uint8Array(PIECE_BYTES);
    await store.writeUnverified(first, new Uint8Array(PIECE_BYTES).fill(0xee));
    expect(store.have.count).toBe(0);
    await expect(store.readPiece(first, into)).rejects.toThrow(RangeError);
    expect(() => store.keepPiece(second)).toThrow(RangeError);
    for (const piece of [first, last]) {
      const bytes = Uint8Array.from(pieceOf(content, geometry, piece));
      await store.writeUnverified(piece, bytes);
      bytes.fill(0);
      expect(store.have.has(piece)).toBe(false);
      store.keepPiece(piece);
      expect(store.have.has(piece)).toBe(true);
    }
    await store.checkpoint();
    await store.writePiece(second, pieceOf(content, geometry, second));
    await store.writeUnverified(second, new Uint8Array(PIECE_BYTES));
    store.keepPiece(second);
    for (const piece of geometry.pieces()) {
      const found = into.subarray(0, geometry.pieceLengthBytes(piece));
      await store.readPiece(piece, found);
      expect(Buffer.compare(found, pieceOf(content, geometry, piece))).toBe(0);
    }
    await store.finish();
    await store.close();
  });

  test('keeps nothing any more once it is closed', async () => {
    const store = await open(PIECE_BYTES + 1);
    const last = store.geometry.piece(1)!;
    await store.writeUnverified(last, new Uint8Array(1));
    await store.close();
    store.keepPiece(last);
    expect(store.have.count).toBe(0);
    await store.discard();
  });

  test('takes several pieces at once, and one of them twice', async () => {
    const content = contentOf(6 * PIECE_BYTES + 1);
    const store = await open(content.length);
    const { geometry } = store;
    const twice = [...geometry.pieces(), ...geometry.pieces()];
    await Promise.all([
      ...twice.map((piece) => store.writePiece(piece, pieceOf(content, geometry, piece))),
      store.checkpoint(),
      store.checkpoint(),
    ]);
    expect(store.have.isFull).toBe(true);
    await store.checkpoint();
    const into = new Uint8Array(PIECE_BYTES);
    await store.readPiece(geometry.piece(3)!, into);
    expect(Buffer.compare(into, pieceOf(content, geometry, geometry.piece(3)!))).toBe(0);
    await store.close();
  });

  test('does not finish before the last piece', async () => {
    const store = await open(PIECE_BYTES + 1);
    await store.writePiece(store.geometry.piece(1)!, new Uint8Array(1));
    await expect(store.finish()).rejects.toThrow(RangeError);
    await store.close();
  });

  test('discards, also twice and after close, and refuses afterwards', async () => {
    const store = await open(PIECE_BYTES + 1);
    await store.writePiece(store.geometry.piece(1)!, new Uint8Array(1));
    await store.close();
    await store.discard();
    await store.discard();
    await store.close();
    expect(await failureOf(store.writePiece(store.geometry.piece(1)!, new Uint8Array(1)))).toBe('io');
    expect(await failureOf(store.checkpoint())).toBe('io');
    expect(await failureOf(store.finish())).toBe('io');
  });
}
