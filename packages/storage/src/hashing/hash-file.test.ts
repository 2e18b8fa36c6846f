import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, truncateSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf, pieceOf } from '../compliance/content.ts';
import { failureOf } from '../compliance/piece-store.ts';
import { testFolder } from '../compliance/test-folder.ts';
import { hashFile, verifyFile } from './hash-file.ts';
import { sha1IsCompiled } from './sha1.ts';

const inFolder = testFolder();
const large = 40 * 1024 * 1024 + 3;
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();
const openDescriptors = async () => (await readdir('/proc/self/fd')).length;

function pieceHashesOf(content: Uint8Array): Uint8Array {
  const geometry = new Geometry(content.length);
  return Buffer.concat([...geometry.pieces()].map((piece) => sha1(pieceOf(content, geometry, piece))));
}

async function file(content: Uint8Array): Promise<string> {
  await writeFile(inFolder('file'), content);
  return inFolder('file');
}

/** By Node's own SHA-1 one thread has the whole file to itself. */
describe.each([...new Set([sha1IsCompiled, false])])('hashing for sharing, threads take turns: %s', (takeTurns) => {
  test.each([0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, large])('%i bytes', async (sizeBytes) => {
    const content = contentOf(sizeBytes);
    const before = await openDescriptors();
    const seen: number[] = [];
    const hashed = await hashFile(
      await file(content),
      {
        onProgress: (done, total) => seen.push(done, total - sizeBytes),
      },
      takeTurns,
    );
    expect(hashed.sizeBytes).toBe(sizeBytes);
    expect(Buffer.from(hashed.sha1).equals(sha1(content))).toBe(true);
    expect(Buffer.from(hashed.pieceHashes).equals(pieceHashesOf(content))).toBe(true);
    expect(Math.max(0, ...seen)).toBeLessThanOrEqual(sizeBytes);
    expect(await openDescriptors()).toBe(before);
  });

  test.each([3, large])('is cancelled at once, %i bytes', async (sizeBytes) => {
    const path = await file(contentOf(sizeBytes));
    const before = await openDescriptors();
    const cancelling = new AbortController();
    const hashing = hashFile(path, { signal: cancelling.signal }, takeTurns);
    cancelling.abort(new Error('enough'));
    await expect(hashing).rejects.toThrow('enough');
    await expect(hashFile(path, { signal: cancelling.signal }, takeTurns)).rejects.toThrow('enough');
    expect(await openDescriptors()).toBe(before);
  });

  test('a file that changes meanwhile is refused', async () => {
    const path = await file(contentOf(large));
    expect(await failureOf(hashFile(path, { onProgress: () => appendFileSync(path, 'x') }, takeTurns))).toBe('changed');
    expect(await failureOf(hashFile(path, { onProgress: () => truncateSync(path, 5) }, takeTurns))).toBe('changed');
  });
});

describe('hashing for sharing', () => {
  test('what is no file is refused', async () => {
    await mkdir(inFolder('folder'));
    expect(await failureOf(hashFile(inFolder('folder')))).toBe('not_a_file');
    expect(await failureOf(hashFile(inFolder('nothing')))).toBe('missing');
    expect(await failureOf(hashFile('/dev/zero'))).toBe('not_a_file');
    // Nobody writes into the pipe: waiting for that would take for ever.
    execFileSync('/usr/bin/mkfifo', [inFolder('pipe')]);
    expect(await failureOf(hashFile(inFolder('pipe')))).toBe('not_a_file');
  });
});

describe('verifying a file', () => {
  test.each([3 * PIECE_BYTES + 1, large])(
    'tells right pieces from wrong and absent ones, %i bytes',
    async (sizeBytes) => {
      const content = contentOf(sizeBytes);
      const geometry = new Geometry(sizeBytes);
      const hashes = pieceHashesOf(content);
      const whole = await verifyFile(await file(content), geometry, hashes);
      expect(whole.have.isFull).toBe(true);

      const damaged = Uint8Array.from(content.subarray(0, sizeBytes - PIECE_BYTES));
      damaged[PIECE_BYTES]! ^= 1;
      const { have, identity } = await verifyFile(await file(damaged), geometry, hashes);
      expect(identity.sizeBytes).toBe(damaged.length);
      const wrong = [...geometry.pieces()].filter((piece) => !have.has(piece));
      expect(wrong).toEqual([1, geometry.pieceCount - 2, geometry.pieceCount - 1]);
    },
  );

  test('of other sizes: empty, and longer than the share', async () => {
    const content = contentOf(PIECE_BYTES + 5);
    const geometry = new Geometry(content.length);
    const hashes = pieceHashesOf(content);
    expect((await verifyFile(await file(new Uint8Array()), geometry, hashes)).have.count).toBe(0);
    const longer = await verifyFile(await file(Buffer.concat([content, content])), geometry, hashes);
    expect(longer.have.isFull).toBe(true);
  });
});
