import { createHash } from 'node:crypto';
import { type FileInfo, Geometry, type PieceIndex, parseGroupId } from '@peerage/bittorrent';
import { MemoryStore, type PieceStore } from '@peerage/storage';
import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { matchesInfo, PieceIntake } from './piece-intake.ts';

const geometry = new Geometry(1_000);
const piece = geometry.piece(0)!;
const block = geometry.blockAt(piece, 0)!;
const content = new Uint8Array(1_000).fill(7);
const sha1 = new Uint8Array(createHash('sha1').update(content).digest());
const info: FileInfo = {
  kind: 'file',
  name: 'a',
  group: parseGroupId('ab'.repeat(16))!,
  geometry,
  pieceHashes: sha1,
  sha1,
};

/** An intake whose writes a test ends by hand, and what it told. */
function intakeOf() {
  const told: string[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const store: PieceStore = Object.assign(new MemoryStore(geometry), {
    writePiece: () => {
      const write = Promise.withResolvers<void>();
      writes.push(write);
      return write.promise;
    },
  });
  const intake = new PieceIntake({
    verify: (checked, bytes) => matchesInfo(info, checked, bytes),
    store,
    pool: new BufferPool(1),
    onStored: (stored: PieceIndex) => told.push(`stored ${stored}`),
    onBad: (bad) => told.push(`bad ${bad}`),
    onWriteFailed: (failed) => told.push(`failed ${failed}`),
    onSpace: () => told.push('space'),
  });
  const arrives = (bytes: Uint8Array) => {
    intake.place(block).set(bytes);
    intake.verify(piece);
  };
  return { intake, told, writes, arrives };
}

/** Everything that needs no more than a turn of the event loop is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a piece is told as stored after its write returned, not before', async () => {
  const { told, writes, arrives, intake } = intakeOf();
  arrives(content);
  await settled();
  expect([writes.length, told]).toEqual([1, []]);
  writes[0]!.resolve();
  await settled();
  expect(told).toEqual(['stored 0']);
  await intake.close();
});

test('a piece whose write failed is never told as stored', async () => {
  const { told, writes, arrives, intake } = intakeOf();
  arrives(content);
  writes[0]!.reject(new Error('the disk is broken'));
  await settled();
  expect(told).toEqual(['failed 0']);
  await intake.close();
});

test('a piece with another hash is not written', async () => {
  const { told, writes, arrives, intake } = intakeOf();
  arrives(content.map((byte) => byte ^ 1));
  await settled();
  expect([writes.length, told]).toEqual([0, ['bad 0']]);
  await intake.close();
});
