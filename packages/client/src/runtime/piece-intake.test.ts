import { createHash } from 'node:crypto';
import { type FileInfo, Geometry, type PieceIndex, parseGroupId } from '@peerage/bittorrent';
import { MemoryStore, type PieceStore, StoreError } from '@peerage/storage';
import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { matchesInfo, PieceIntake, type VerifyPiece } from './piece-intake.ts';

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
function intakeOf(verify: VerifyPiece = (checked, bytes) => matchesInfo(info, checked, bytes)) {
  const told: string[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const kept: PieceIndex[] = [];
  const begin = () => {
    const write = Promise.withResolvers<void>();
    writes.push(write);
    return write.promise;
  };
  const store: PieceStore = Object.assign(new MemoryStore(geometry), {
    writePiece: begin,
    writeUnverified: begin,
    keepPiece: (right: PieceIndex) => void kept.push(right),
  });
  const intake = new PieceIntake({
    verify,
    mayWait: () => true,
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
  return { intake, told, writes, kept, arrives };
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

/** An intake whose verdicts a test gives by hand, too. */
function slowlyVerified() {
  const verdict = Promise.withResolvers<boolean>();
  return { verdict, ...intakeOf(() => verdict.promise) };
}

test.each(['the write', 'the verdict'])(
  'a piece that is verified while it is written counts after both, %s first',
  async (first) => {
    const { told, writes, kept, arrives, intake, verdict } = slowlyVerified();
    arrives(content);
    await settled();
    expect(writes.length).toBe(1);
    const [one, other] = [() => writes[0]!.resolve(), () => verdict.resolve(true)];
    (first === 'the write' ? one : other)();
    await settled();
    expect([told, kept]).toEqual([[], []]);
    (first === 'the write' ? other : one)();
    await settled();
    expect([told, kept]).toEqual([['stored 0'], [0]]);
    await intake.close();
  },
);

test('a piece that turns out bad is told after its write has returned, and never kept', async () => {
  const { told, writes, kept, arrives, intake, verdict } = slowlyVerified();
  arrives(content);
  verdict.resolve(false);
  await settled();
  expect(told).toEqual([]);
  writes[0]!.resolve();
  await settled();
  expect([told, kept]).toEqual([['bad 0'], []]);
  await intake.close();
});

test('a piece that turns out bad is told as bad, though it could not be written either', async () => {
  const { told, writes, arrives, intake, verdict } = slowlyVerified();
  arrives(content);
  writes[0]!.reject(new StoreError('no_space', 'the disk is full'));
  verdict.resolve(false);
  await settled();
  expect(told).toEqual(['bad 0']);
  await intake.close();
});

test('closing waits for what is verified while it is written, and keeps what is right', async () => {
  const { told, writes, kept, arrives, intake, verdict } = slowlyVerified();
  arrives(content);
  await settled();
  let isClosed = false;
  const closing = intake.close().then(() => (isClosed = true));
  writes[0]!.resolve();
  await settled();
  expect(isClosed).toBe(false);
  verdict.resolve(true);
  await closing;
  expect([told, kept]).toEqual([[], [0]]);
});
