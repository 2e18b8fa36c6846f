import { mkdir, open, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf } from './compliance/content.ts';
import { failureOf, readingCompliance } from './compliance/piece-store.ts';
import { testFolder } from './compliance/test-folder.ts';
import { identityOf } from './file-identity.ts';
import { SourceStore } from './source-store.ts';

const inFolder = testFolder();
const content = contentOf(2 * PIECE_BYTES + 7);

async function share(bytes: Uint8Array, checkIntervalMs = 0): Promise<SourceStore> {
  const path = inFolder('shared');
  await writeFile(path, bytes);
  const expected = identityOf(await stat(path, { bigint: true }));
  return SourceStore.open(path, new Geometry(bytes.length), { expected, checkIntervalMs });
}

async function readFirst(store: SourceStore): Promise<void> {
  await store.readPiece(
    store.geometry.piece(0)!,
    new Uint8Array(store.geometry.pieceLengthBytes(store.geometry.piece(0)!)),
  );
}

describe('source store', () => {
  readingCompliance((bytes) => share(bytes));

  test('never writes, and discarding it leaves the file', async () => {
    const store = await share(content);
    expect(await failureOf(store.writePiece(store.geometry.piece(2)!, new Uint8Array(7)))).toBe('read_only');
    expect(await store.finish()).toBe(inFolder('shared'));
    await store.checkpoint();
    await store.discard();
    expect((await stat(inFolder('shared'))).size).toBe(content.length);
  });

  const changes: readonly [string, 'changed' | 'missing' | 'not_a_file', (path: string) => Promise<unknown>][] = [
    ['other content, same size', 'changed', (path) => writeFile(path, contentOf(content.length, 2))],
    ['touched', 'changed', (path) => utimes(path, 1, 1)],
    ['cut short', 'changed', (path) => truncate(path, 5)],
    ['grown', 'changed', (path) => writeFile(path, 'more', { flag: 'a' })],
    ['removed', 'missing', (path) => rm(path)],
    ['moved away', 'missing', (path) => rename(path, `${path}.moved`)],
    [
      'replaced by a copy',
      'changed',
      async (path) => {
        await writeFile(`${path}.copy`, content);
        await rename(`${path}.copy`, path);
      },
    ],
  ];

  test.each(changes)('notices: %s', async (_, failure, change) => {
    const store = await share(content);
    await readFirst(store);
    await change(inFolder('shared'));
    expect(await failureOf(readFirst(store))).toBe(failure);
    expect(await failureOf(store.check())).toBe(failure);
    await store.close();
  });

  test.each(changes.filter(([, failure]) => failure === 'changed').slice(0, 4))(
    'hands out nothing that it read after the change, between two looks too: %s',
    async (_, failure, change) => {
      const store = await share(content, 3_600_000);
      await readFirst(store);
      await change(inFolder('shared'));
      expect(await failureOf(readFirst(store))).toBe(failure);
      // From then on nothing is served without another look.
      expect(await failureOf(readFirst(store))).toBe(failure);
      await store.close();
    },
  );

  test('nothing wrong is handed out while another program writes into the file', async () => {
    const store = await share(contentOf(64 * PIECE_BYTES), 3_600_000);
    const [right, into] = [contentOf(64 * PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
    const other = await open(inFolder('shared'), 'r+');
    let served = 0;
    const reading = (async () => {
      for (;;) {
        for (const piece of store.geometry.pieces()) {
          await store.readPiece(piece, into);
          const offset = store.geometry.pieceOffsetBytes(piece);
          expect(Buffer.compare(into, right.subarray(offset, offset + into.length))).toBe(0);
          served++;
        }
      }
    })();
    const failure = failureOf(reading);
    while (served < 16) await new Promise(setImmediate);
    await other.write(contentOf(64 * PIECE_BYTES, 2), 0);
    expect(await failure).toBe('changed');
    await other.close();
    await store.close();
  });

  test('a file moved away and back is served again', async () => {
    const store = await share(content);
    await rename(inFolder('shared'), inFolder('away'));
    expect(await failureOf(readFirst(store))).toBe('missing');
    await rename(inFolder('away'), inFolder('shared'));
    await readFirst(store);
    await store.close();
  });

  test('opening refuses what is not the file that was hashed', async () => {
    const expected = { inode: '1', sizeBytes: 3, modifiedNs: '1' };
    const geometry = new Geometry(3);
    const open = (name: string) => failureOf(SourceStore.open(inFolder(name), geometry, { expected }));
    expect(await open('nowhere')).toBe('missing');
    await mkdir(inFolder('folder'));
    expect(await open('folder')).toBe('not_a_file');
    expect(await open('folder/under/it')).toBe('missing');
    await writeFile(inFolder('file'), 'abc');
    expect(await open('file')).toBe('changed');
    expect(await open('file/under')).toBe('missing');
    const now = identityOf(await stat(inFolder('file'), { bigint: true }));
    const larger = SourceStore.open(inFolder('file'), new Geometry(4), { expected: now });
    expect(await failureOf(larger)).toBe('changed');
  });
});
