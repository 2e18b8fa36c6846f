import { Geometry } from '@peerage/bittorrent';
import { describe, expect, test } from 'vitest';
import { contentOf } from './compliance/content.ts';
import { failureOf, readingCompliance, writingCompliance } from './compliance/piece-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoreFailure } from './piece-store.ts';

describe('memory store, complete', () => {
  readingCompliance(async (content) => new MemoryStore(new Geometry(content.length), { content }));
});

describe('memory store, empty', () => {
  writingCompliance(async (sizeBytes) => new MemoryStore(new Geometry(sizeBytes)));

  test('fails as it is told to, and then goes on', async () => {
    const failures: StoreFailure[] = ['no_space'];
    const store = new MemoryStore(new Geometry(3), {
      fail: (operation) => (operation === 'write' ? failures.pop() : undefined),
    });
    const piece = store.geometry.piece(0)!;
    expect(await failureOf(store.writePiece(piece, contentOf(3)))).toBe('no_space');
    expect(store.have.has(piece)).toBe(false);
    await store.writePiece(piece, contentOf(3));
    expect(store.have.isFull).toBe(true);
  });
});
