import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShareFiles } from './share-files.ts';

const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(5), fc.nat(3 * PIECE_BYTES)), { maxLength: 30 });
const filesWith = (all: readonly number[]) =>
  ShareFiles.of(
    all.map((sizeBytes, file) => ({ path: ['é', `${file}`], sizeBytes, sha1: new Uint8Array(20).fill(file) })),
    [['empty'], ['a', 'b']],
  );

test('the pieces of a share are cut into segments that fit together, whatever the sizes of its files', () => {
  fc.assert(
    fc.property(sizes, (all) => {
      const files = filesWith(all);
      const geometry = new Geometry(files.sizeBytes);
      const filled = all.map(() => 0);
      for (const piece of geometry.pieces()) {
        let at = 0;
        for (const segment of files.segmentsOf(piece, geometry)) {
          expect(segment.rangeOffsetBytes).toBe(at);
          expect(segment.lengthBytes).toBeGreaterThan(0);
          expect(segment.fileOffsetBytes).toBe(filled[segment.file]);
          const { first, end } = files.piecesOf(segment.file);
          expect(piece >= first && piece < end).toBe(true);
          filled[segment.file]! += segment.lengthBytes;
          at += segment.lengthBytes;
        }
        expect(at).toBe(geometry.pieceLengthBytes(piece));
      }
      expect(filled).toEqual(all);
    }),
    { numRuns: 200 },
  );
});

test('a packed share says the same', () => {
  const files = new ShareFiles(structuredClone(filesWith([3, 0, 5]).packed));
  expect([files.count, files.sizeBytes, files.path(0), files.path(2)]).toEqual([3, 8, 'é/0', 'é/2']);
  expect([files.sizeOf(1), files.offsetOf(2), files.sha1(2)[0]]).toEqual([0, 3, 2]);
  expect(files.emptyFolders).toEqual(['empty', 'a/b']);
  expect(new ShareFiles(ShareFiles.of([], []).packed)).toMatchObject({ count: 0, sizeBytes: 0, emptyFolders: [] });
});
