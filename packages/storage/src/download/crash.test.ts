import { open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceHashesOf, pieceOf } from '../compliance/content.ts';
import { testFolder } from '../compliance/test-folder.ts';
import type { DownloadStore } from './download-store.ts';
import { type OpenedDownload, openDownload } from './open-download.ts';

const inFolder = testFolder();
const content = contentOf(5 * PIECE_BYTES + 77);
const geometry = new Geometry(content.length);
const pieces = [...geometry.pieces()];
const pieceHash = pieceHashesOf(content, geometry);

const openAt = (name: string): Promise<OpenedDownload> =>
  openDownload({
    infoHash: 'ab'.repeat(20),
    geometry,
    destination: inFolder(name),
    journal: inFolder(`${name}.journal`),
    pieceHash,
  });

const write = (store: DownloadStore, piece: PieceIndex) => store.writePiece(piece, pieceOf(content, geometry, piece));

const held = (store: DownloadStore) => pieces.filter((piece) => store.have.has(piece));

async function expectRightBytes(store: DownloadStore): Promise<void> {
  for (const piece of held(store)) {
    const into = new Uint8Array(geometry.pieceLengthBytes(piece));
    await store.readPiece(piece, into);
    if (Buffer.compare(into, pieceOf(content, geometry, piece)) !== 0)
      throw new Error(`piece ${piece} is held and wrong`);
  }
}

/** What a power cut does to data that was not synced: here, another byte in the middle. */
async function damage(path: string, piece: PieceIndex): Promise<void> {
  const handle = await open(path, 'r+');
  const at = geometry.pieceOffsetBytes(piece) + Math.floor(geometry.pieceLengthBytes(piece) / 2);
  const byte = new Uint8Array([content[at]! ^ 0xff]);
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

type Step =
  | { readonly do: 'write'; readonly piece: PieceIndex }
  | { readonly do: 'write unverified'; readonly piece: PieceIndex; readonly outcome: 'kept' | 'wrong' | 'open' }
  | { readonly do: 'checkpoint' | 'stop' | 'kill' }
  | { readonly do: 'power cut'; readonly journalShare: number; readonly lost: readonly PieceIndex[] };

const pieceArbitrary = fc.constantFrom(...pieces);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), piece: pieceArbitrary }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('write unverified' as const),
        piece: pieceArbitrary,
        outcome: fc.constantFrom('kept', 'wrong', 'open'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('checkpoint', 'stop', 'kill') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('power cut' as const),
        journalShare: fc.double({ min: 0, max: 1, noNaN: true }),
        lost: fc.subarray(pieces),
      }),
    },
  ) as fc.Arbitrary<Step>,
  { maxLength: 25 },
);

describe('however a download is stopped', () => {
  test('it goes on with right pieces only, and with every one that was checkpointed', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const name = `file ${run++}`;
        const journal = inFolder(`${name}.journal`);
        // Stores of processes that died; closed in the end only for their descriptors, their journals are replaced by then.
        const dead: DownloadStore[] = [];
        let { store } = await openAt(name);
        let written = new Set<PieceIndex>();
        /** Right, and nobody has said so yet: whoever opens the download next finds out. */
        const open = new Set<PieceIndex>();
        let durable = new Set<PieceIndex>();
        let durableJournalBytes = (await stat(journal)).size;
        const checkpointed = async () => {
          durable = new Set(written);
          durableJournalBytes = (await stat(journal)).size;
        };
        for (const step of script) {
          if (step.do === 'write') {
            await write(store, step.piece);
            written.add(step.piece);
            continue;
          }
          if (step.do === 'write unverified') {
            const bytes = Uint8Array.from(pieceOf(content, geometry, step.piece));
            if (step.outcome === 'wrong') bytes[0]! ^= 1;
            await store.writeUnverified(step.piece, bytes);
            open.delete(step.piece);
            if (step.outcome === 'open') open.add(step.piece);
            if (step.outcome !== 'kept') continue;
            store.keepPiece(step.piece);
            written.add(step.piece);
            continue;
          }
          if (step.do === 'checkpoint') {
            await store.checkpoint();
            await checkpointed();
            continue;
          }
          if (step.do === 'stop') await store.close();
          else dead.push(store);
          if (step.do === 'power cut') {
            const sizeBytes = (await stat(journal)).size;
            const keptBytes = Math.round(durableJournalBytes + (sizeBytes - durableJournalBytes) * step.journalShare);
            await truncate(journal, keptBytes);
            for (const piece of step.lost)
              if (written.has(piece) && !durable.has(piece)) await damage(inFolder(`${name}.part`), piece);
          }
          const opened = await openAt(name);
          store = opened.store;
          await expectRightBytes(store);
          const now = new Set(held(store));
          for (const piece of durable) expect(now).toContain(piece);
          for (const piece of now) expect(new Set([...written, ...open])).toContain(piece);
          if (step.do === 'stop') expect([...now]).toEqual([...written].sort());
          if (step.do === 'kill') expect([...now]).toEqual([...new Set([...written, ...open])].sort());
          if (step.do === 'stop') expect([opened.reread.pieces, opened.doubt]).toEqual([0, undefined]);
          written = now;
          open.clear();
          await checkpointed();
        }
        for (const piece of pieces) await write(store, piece);
        expect(await store.finish()).toBe(inFolder(name));
        await store.close();
        await Promise.all(dead.map((old) => old.close()));
        expect(Buffer.compare(await readFile(inFolder(name)), content)).toBe(0);
        expect((await readdir(inFolder())).filter((entry) => entry !== name && entry.startsWith(name))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('with its journal cut off at any byte', async () => {
    const { store } = await openAt('file');
    const journal = inFolder('file.journal');
    for (const piece of [0, 3, 5] as PieceIndex[]) await write(store, piece);
    await store.checkpoint();
    await write(store, 1 as PieceIndex);
    const whole = await readFile(journal);
    const header = whole.indexOf('\n', whole.indexOf('\n') + 1) + 1;
    const handle = await open(inFolder('file.part'), 'r+');
    const cuts = Array.from({ length: whole.length + 1 }, (_, bytes) => bytes);
    for (const bytes of cuts.filter((cut) => (cut >= header ? cut % 5 : cut % 60) === 0 || cut === header - 1)) {
      // The data of the last piece is not there: only a check of its hash can tell.
      await handle.write(new Uint8Array(PIECE_BYTES), 0, PIECE_BYTES, PIECE_BYTES);
      await writeFile(journal, whole.subarray(0, bytes));
      const opened = await openAt('file');
      if (bytes < header) expect([bytes, opened.doubt, held(opened.store)]).toEqual([bytes, 'part_unknown', [0, 3, 5]]);
      else for (const piece of held(opened.store)) expect([0, 3, 5]).toContain(piece);
      await opened.store.close();
    }
    await handle.close();
    await store.close();
  });
});
