import { type Bitfield, Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  finishedLine,
  headerLines,
  type JournalContent,
  type JournalHeader,
  JournalParser,
  MAX_LINE_BYTES,
  storedLines,
  writingLine,
} from './journal-lines.ts';

const geometry = new Geometry(5000 * PIECE_BYTES);
const pieces = fc.uniqueArray(fc.integer({ min: 0, max: geometry.pieceCount - 1 }) as fc.Arbitrary<PieceIndex>, {
  maxLength: 300,
});
const header: JournalHeader = {
  infoHash: 'ab'.repeat(20),
  sizeBytes: geometry.sizeBytes,
  destination: '/home/名前/film "1"\n.mkv',
  partInode: '18446744073709551615',
  partBornNs: '1750000000000000000',
};

function parse(text: string): JournalContent | 'newer' | undefined {
  const parser = new JournalParser(geometry);
  for (const line of text.split('\n').slice(0, -1)) parser.line(line);
  return parser.end();
}

function listOf(field: Bitfield): PieceIndex[] {
  return [...geometry.pieces()].filter((piece) => field.has(piece));
}

const sorted = (list: readonly PieceIndex[]) => list.toSorted((one, other) => one - other);

describe('journal lines', () => {
  test('read back as they were written', () => {
    fc.assert(
      fc.property(pieces, pieces, fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n })), (stored, writing, finishedNs) => {
        const text = [
          headerLines(header),
          ...writing.map(writingLine),
          storedLines(sorted(stored)),
          finishedNs === null ? '' : finishedLine(finishedNs),
        ].join('');
        const content = parse(text);
        if (typeof content !== 'object') throw new Error('not read');
        expect(content.header).toEqual(header);
        expect(listOf(content.stored)).toEqual(sorted(stored));
        expect(listOf(content.writing)).toEqual(sorted(writing));
        expect(content.finishedNs).toBe(finishedNs ?? undefined);
      }),
    );
  });

  test('a damaged byte costs its own line at most', () => {
    const text = headerLines(header) + writingLine(7 as PieceIndex) + storedLines([1, 2, 3, 9] as PieceIndex[]);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, flip) => {
        const damaged = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ flip) + text.slice(at + 1);
        const content = parse(damaged);
        if (typeof content !== 'object') {
          expect(at).toBeLessThan(headerLines(header).length);
          return;
        }
        expect(content.header).toEqual(header);
        expect([[], [1, 2, 3, 9]]).toContainEqual(listOf(content.stored));
        expect([[], [7]]).toContainEqual(listOf(content.writing));
        // A line's end that is lost makes one wrong line of two.
        if (text[at] !== '\n') expect(content.stored.count + content.writing.count).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('never crashes, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.boolean(), (lines, begun) => {
        parse((begun ? headerLines(header) : '') + lines.join('\n'));
      }),
    );
  });

  test('lines of any number of pieces stay under the cap, and ask for no piece that the share lacks', () => {
    const every = new Geometry(100_000 * PIECE_BYTES);
    const odd = (function* () {
      for (const piece of every.pieces()) if (piece % 2 === 1) yield piece;
    })();
    const lines = storedLines(odd).split('\n');
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(line.length).toBeLessThan(MAX_LINE_BYTES);
    const content = parse(headerLines(header) + storedLines([4998, 4999, 5000, 5001] as PieceIndex[]));
    expect(listOf((content as JournalContent).stored)).toEqual([4998, 4999]);
  });

  test.each([Number.NaN, -1, 0.5, 2 ** 53])('a header whose size is no size is none: %d', (sizeBytes) => {
    expect(parse(headerLines({ ...header, sizeBytes }))).toBeUndefined();
  });

  test('a newer version is told from damage', () => {
    expect(parse(headerLines(header).replace('journal 1\n', 'journal 2\n'))).toBe('newer');
    expect(parse(headerLines(header).replace('peerage', 'pearage'))).toBeUndefined();
    expect(parse('')).toBeUndefined();
  });
});
