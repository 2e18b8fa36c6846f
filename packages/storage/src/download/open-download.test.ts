import { readdir, readFile, stat } from 'node:fs/promises';
import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceOf, verifierOf, writingCompliance } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { type DownloadPlan, openDownload } from './open-download.ts';

const inFolder = testFolder();

function planFor(content: Uint8Array): DownloadPlan {
  const geometry = new Geometry(content.length);
  return {
    infoHash: '0123456789abcdef0123456789abcdef01234567',
    geometry,
    destination: inFolder('film.mkv'),
    journal: inFolder('journal'),
    verifyPiece: verifierOf(content, geometry),
  };
}

describe('download store', () => {
  writingCompliance(async (sizeBytes) => (await openDownload(planFor(contentOf(sizeBytes)))).store);

  test('gives the file its name at the end, and leaves nothing else', async () => {
    const content = contentOf(2 * PIECE_BYTES + 1);
    const { store, found, doubt } = await openDownload(planFor(content));
    expect([found, doubt]).toEqual(['fresh', undefined]);
    expect((await readdir(inFolder())).sort()).toEqual(['film.mkv.part', 'journal']);
    expect((await stat(inFolder('film.mkv.part'))).size).toBe(content.length);
    expect((await stat(inFolder('journal'))).mode & 0o777).toBe(0o600);
    for (const piece of store.geometry.pieces()) await store.writePiece(piece, pieceOf(content, store.geometry, piece));
    expect(await store.finish()).toBe(inFolder('film.mkv'));
    await store.close();
    expect(await readdir(inFolder())).toEqual(['film.mkv']);
    expect(Buffer.compare(await readFile(inFolder('film.mkv')), content)).toBe(0);
  });

  test('goes on after a clean stop without reading anything again', async () => {
    const content = contentOf(3 * PIECE_BYTES);
    const plan = planFor(content);
    const first = await openDownload(plan);
    const piece = plan.geometry.piece(1)!;
    await first.store.writePiece(piece, pieceOf(content, plan.geometry, piece));
    await first.store.close();
    const second = await openDownload(plan);
    expect(second.found).toBe('resumed');
    expect(second.doubt).toBeUndefined();
    expect(second.reread.pieces).toBe(0);
    expect([...second.store.have.bytes]).toEqual([0b01000000]);
    await second.store.discard();
    expect(await readdir(inFolder())).toEqual([]);
  });
});
