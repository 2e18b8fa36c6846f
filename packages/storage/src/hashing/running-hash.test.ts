import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { rename, truncate, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceHashesOf, pieceOf } from '../compliance/content.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import type { DownloadStore } from '../download/download-store.ts';
import { openDownload } from '../download/open-download.ts';
import { FoldedHash } from './folded-hash.ts';
import { FollowingHash } from './following-hash.ts';
import type { RunningHash } from './running-hash.ts';
import { sha1IsCompiled } from './sha1.ts';
import { startRunningHash } from './start-running-hash.ts';

const inFolder = testFolder();
const large = 24 * 1024 * 1024 + 3;
const sha1Of = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();

async function download(content: Uint8Array): Promise<DownloadStore> {
  const geometry = new Geometry(content.length);
  const { store } = await openDownload({
    infoHash: '00'.repeat(20),
    geometry,
    destination: inFolder('file'),
    journal: inFolder('journal'),
    pieceHash: pieceHashesOf(content, geometry),
  });
  return store;
}

interface Bed {
  readonly content: Uint8Array;
  readonly store: DownloadStore;
  readonly hash: RunningHash;
}

/** As the engine does it with a piece that has come. */
async function comes({ content, store, hash }: Bed, piece: PieceIndex): Promise<void> {
  const bytes = Uint8Array.from(pieceOf(content, store.geometry, piece));
  expect(await hash.verify(piece, bytes)).toBe(true);
  await store.writePiece(piece, bytes);
  bytes.fill(0xee); // the buffer goes to the next piece
  hash.advance();
}

/** It has come with a wrong byte. */
async function comesWrong({ content, store, hash }: Bed, piece: PieceIndex): Promise<void> {
  const bytes = Uint8Array.from(pieceOf(content, store.geometry, piece));
  bytes[bytes.length - 1]! ^= 1;
  expect(await hash.verify(piece, bytes)).toBe(false);
}

/** How nice each hashing thread of this process is. */
const hashThreads = () =>
  readdirSync('/proc/self/task')
    .filter((thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('hash'))
    .map((thread) => getPriority(Number(thread)));

const descriptors = () => readdirSync('/proc/self/fd').length;

type Start = (store: DownloadStore, content: Uint8Array) => Promise<RunningHash>;

const following: Start = (store, content) => FollowingHash.start(store, pieceHashesOf(content, store.geometry));
const folded: Start = async (store, content) => new FoldedHash(store, pieceHashesOf(content, store.geometry));

/** Each piece some places away from its own: none, few or all. */
const nearlyInOrder = (pieces: number) =>
  fc
    .constantFrom(0, 3, pieces)
    .chain((far) =>
      fc
        .array(fc.double({ min: 0, max: far, noNaN: true }), { minLength: pieces, maxLength: pieces })
        .map((away) => away.map((_, piece) => piece).sort((one, other) => one + away[one]! - other - away[other]!)),
    );

describe.each([
  ['that follows in a thread', following],
  ['that is folded in', folded],
])('a running hash %s', (_, start) => {
  const open = async (content: Uint8Array): Promise<Bed> => {
    const store = await download(content);
    return { content, store, hash: await start(store, content) };
  };

  test.each([0, 1, PIECE_BYTES, PIECE_BYTES + 1, large])('of pieces in any order, %i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const bed = await open(content);
    const { store, hash } = bed;
    const digest = hash.digest();
    for (const piece of [...store.geometry.pieces()].sort((one, other) => (one % 3) - (other % 3) || other - one)) {
      await comes(bed, piece);
    }
    // The final name comes while the hash still reads, or after it: the file is the same.
    await store.finish();
    expect(Buffer.from(await digest).equals(sha1Of(content))).toBe(true);
    await hash.close();
    await hash.close();
    await store.close();
  });

  test('whatever comes when, wrong pieces in between, and stopped whenever', async () => {
    const pieces = 20;
    const content = contentOf((pieces - 1) * PIECE_BYTES + 777);
    const sha1 = sha1Of(content);
    await fc.assert(
      fc.asyncProperty(
        nearlyInOrder(pieces),
        fc.array(fc.integer({ min: 0, max: pieces - 1 }), { maxLength: 8 }),
        fc.array(fc.nat(3), { minLength: pieces, maxLength: pieces }),
        fc.option(fc.nat(pieces), { freq: 2 }),
        async (order, wrong, pauses, stopAt) => {
          const before = descriptors();
          const bed = await open(content);
          const { store, hash } = bed;
          const digest = hash.digest();
          digest.catch(() => undefined);
          for (const [at, piece] of order.entries()) {
            if (at === stopAt) break;
            if (wrong.includes(piece)) await comesWrong(bed, piece as PieceIndex);
            const coming = comes(bed, piece as PieceIndex);
            if (pauses[at] !== 0) await coming;
            if (pauses[at] === 2) await new Promise((resolve) => setImmediate(resolve));
            if (pauses[at] === 3) await comesWrong(bed, piece as PieceIndex);
            await coming;
          }
          if (stopAt === null || stopAt >= pieces) expect(Buffer.compare(await digest, sha1)).toBe(0);
          await hash.close();
          if (stopAt !== null && stopAt < pieces) expect(await failureOf(digest)).toBe('io');
          await store.discard();
          expect([descriptors(), hashThreads()]).toEqual([before, []]);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('a wrong piece leaves no trace', async () => {
    const content = contentOf(4 * PIECE_BYTES + 777);
    const bed = await open(content);
    for (const piece of bed.store.geometry.pieces()) {
      await comesWrong(bed, piece);
      await comes(bed, piece);
    }
    expect(Buffer.from(await bed.hash.digest()).equals(sha1Of(content))).toBe(true);
    await bed.hash.close();
    await bed.store.discard();
  });

  test('begins again after a restart', async () => {
    const content = contentOf(large);
    const first = await open(content);
    const pieces = [...first.store.geometry.pieces()];
    for (const piece of pieces.slice(0, -1)) await comes(first, piece);
    const unfinished = failureOf(first.hash.digest());
    await first.hash.close();
    expect(await unfinished).toBe('io');
    await first.store.close();

    const second = await open(content);
    await comes(second, pieces.at(-1)!);
    expect(Buffer.from(await second.hash.digest()).equals(sha1Of(content))).toBe(true);
    await second.hash.close();
    await second.store.discard();
  });

  test('a piece that was lost on the disk comes again', async () => {
    const content = contentOf(large);
    const bed = await open(content);
    const pieces = [...bed.store.geometry.pieces()];
    for (const piece of pieces.slice(0, 8)) await comes(bed, piece);
    for (const lost of pieces.slice(2, 4)) {
      await bed.store.lose(lost);
      await comes(bed, lost);
    }
    for (const piece of pieces.slice(8)) await comes(bed, piece);
    expect(Buffer.from(await bed.hash.digest()).equals(sha1Of(content))).toBe(true);
    await bed.hash.close();
    await bed.store.discard();
  });

  test('a file that was cut short is noticed', async () => {
    const content = contentOf(large);
    const bed = await open(content);
    const pieces = [...bed.store.geometry.pieces()];
    for (const piece of pieces.slice(1)) await comes(bed, piece);
    await truncate(bed.store.path, large - 1);
    await comes(bed, pieces[0]!);
    expect(await failureOf(bed.hash.digest())).toBe('changed');
    await bed.hash.close();
    await bed.store.discard();
  });
});

describe('a hash that follows in a thread', () => {
  test.runIf(process.platform === 'linux')('goes behind the thread that started it', async () => {
    const content = contentOf(large);
    const store = await download(content);
    const hash = await following(store, content);
    const unfinished = failureOf(hash.digest());
    await expect.poll(hashThreads).toEqual([getPriority() + 4]);
    await hash.close();
    expect(await unfinished).toBe('io');
    expect(hashThreads()).toEqual([]);
    await store.close();
  });

  test('does not read another file under the name', async () => {
    const content = contentOf(large);
    const store = await download(content);
    await rename(store.path, inFolder('elsewhere'));
    await writeFile(store.path, content);
    expect(await failureOf(following(store, content))).toBe('changed');
    await rename(inFolder('elsewhere'), store.path);
    await store.discard();
  });
});

describe('a hash that is folded in', () => {
  test('pieces in order are not read again, and what comes too early only once', async () => {
    const content = contentOf(large);
    const store = await download(content);
    const read: number[] = [];
    const readPiece = store.readPiece.bind(store);
    store.readPiece = (piece, into) => {
      read.push(piece);
      return readPiece(piece, into);
    };
    const bed = { content, store, hash: await folded(store, content) };
    const pieces = [...store.geometry.pieces()];
    for (const piece of pieces.slice(0, 9)) await comes(bed, piece);
    expect(read).toEqual([]);
    for (const piece of [11, 9, 10]) await comes(bed, pieces[piece]!);
    await expect.poll(() => read).toEqual([11]);
    for (const piece of pieces.slice(12)) await comes(bed, piece);
    expect(Buffer.from(await bed.hash.digest()).equals(sha1Of(content))).toBe(true);
    expect(hashThreads()).toEqual([]);
    await bed.hash.close();
    await store.discard();
  });

  test.runIf(process.platform === 'linux')('is left to a thread where the order is another one', async () => {
    const content = contentOf(large);
    const store = await download(content);
    const bed = { content, store, hash: await folded(store, content) };
    const pieces = [...store.geometry.pieces()].reverse();
    for (const piece of pieces.slice(0, -1)) await comes(bed, piece);
    await expect.poll(hashThreads).toHaveLength(1); // it waits for the first piece
    await comes(bed, pieces.at(-1)!);
    expect(Buffer.from(await bed.hash.digest()).equals(sha1Of(content))).toBe(true);
    await bed.hash.close();

    const resumed = await folded(store, content);
    const unfinished = failureOf(resumed.digest());
    await resumed.close();
    expect([await unfinished, hashThreads()]).toEqual(['io', []]);
    await store.discard();
  });

  test.each([large - 1, large + 1])(
    'a file that has another size at the end is noticed, %i bytes',
    async (sizeBytes) => {
      const content = contentOf(large);
      const store = await download(content);
      const hash = await folded(store, content);
      for (const piece of store.geometry.pieces()) {
        const bytes = pieceOf(content, store.geometry, piece);
        expect(await hash.verify(piece, bytes)).toBe(true);
        await store.writePiece(piece, bytes);
      }
      await truncate(store.path, sizeBytes);
      hash.advance();
      expect(await failureOf(hash.digest())).toBe('changed');
      await hash.close();
      await store.discard();
    },
  );

  test('is left to a thread where much is stored already', async () => {
    const content = contentOf(40 * 1024 * 1024);
    const store = await download(content);
    for (const piece of store.geometry.pieces()) await store.writePiece(piece, pieceOf(content, store.geometry, piece));
    store.readPiece = () => Promise.reject(new Error('read here'));
    const hash = await folded(store, content);
    expect(Buffer.from(await hash.digest()).equals(sha1Of(content))).toBe(true);
    await hash.close();
    await store.discard();
  });
});

test('is folded in where SHA-1 is compiled', async () => {
  const content = contentOf(1);
  const store = await download(content);
  const hash = await startRunningHash(store, pieceHashesOf(content, store.geometry));
  expect(hash).toBeInstanceOf(sha1IsCompiled ? FoldedHash : FollowingHash);
  await hash.close();
  await store.discard();
});
