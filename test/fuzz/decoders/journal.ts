import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Geometry, type PieceIndex } from '@peerage/bittorrent';
import { StoreError } from '@peerage/storage';
import type { Random } from '@peerage/swarm';
import { readJournal } from '../../../packages/storage/src/download/journal-file.ts';
import {
  finishedLine,
  headerLines,
  type JournalContent,
  JournalParser,
  storedLines,
  writingLine,
} from '../../../packages/storage/src/download/journal-lines.ts';
import { accepted, demand, type OpenedDecoder, refused, seedOf } from '../decoder.ts';
import { mutateBytes } from '../mutation/bytes.ts';
import { mutateJson } from '../mutation/json.ts';
import { crc32Hex, referenceJournal } from '../reference/journal.ts';

const geometry = new Geometry(300 * 524_288 - 5);
const header = {
  infoHash: 'ab'.repeat(20),
  sizeBytes: geometry.sizeBytes,
  destination: '/home/alice/film é.mkv',
  partInode: '123456',
  partBornNs: '1750000000000000000',
};
const words = [
  'stored ',
  'writing ',
  'finished ',
  '0-299',
  '299',
  '300',
  '0-999999999',
  '5-',
  '-5',
  '3-2',
  '1-2-3',
  '\n',
  '00000000 ',
  'peerage-download-journal 2\n',
  '{}',
  'null',
];

/** Journals of downloads, as files. */
export function openJournal(): OpenedDecoder {
  return {
    name: 'journal',
    words,
    maxBytes: 200_000,
    seeds,
    mutate,
    async check(input) {
      const expected = referenceJournal(input, geometry.pieceCount);
      const content = contentOf(input);
      const got = shown(content);
      demand(got === expected, `reads ${got?.slice(0, 300)} where ${expected?.slice(0, 300)} is right`);
      // Through a file, which takes ten times as long, now and then.
      if (seedOf(input) % 16 === 0) {
        demand(shown(await contentOfFile(input)) === expected, 'reads something else from a file');
      }
      if (content === undefined || content === 'newer') return refused(content ?? 'no journal');
      demand(shown(contentOf(Buffer.from(written(content)))) === got, 'reads back something else than it wrote');
      return accepted(
        `accepted ${content.stored.count > 0} ${content.writing.count > 0} ${content.finishedNs !== undefined}`,
      );
    },
  };
}

type Read = JournalContent | 'newer' | undefined;

function contentOf(input: Uint8Array): Read {
  const parser = new JournalParser(geometry);
  for (const line of Buffer.from(input).toString('utf8').split('\n').slice(0, -1)) parser.line(line);
  return parser.end();
}

async function contentOfFile(input: Uint8Array): Promise<Read> {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-fuzz-journal-'));
  const path = join(folder, 'journal');
  writeFileSync(path, input);
  try {
    return await readJournal(path, geometry);
  } catch (error) {
    if (error instanceof StoreError && error.failure === 'newer_format') return 'newer';
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function shown(content: Read): string | undefined {
  if (content === undefined || content === 'newer') return content;
  const { infoHash, sizeBytes, destination, partInode, partBornNs } = content.header;
  return JSON.stringify({
    header: [infoHash, sizeBytes, destination, partInode, partBornNs],
    stored: present(content.stored),
    writing: present(content.writing),
    finished: content.finishedNs?.toString(),
  });
}

const present = (pieces: JournalContent['stored']): PieceIndex[] =>
  [...geometry.pieces()].filter((piece) => pieces.has(piece));

function written({ header, stored, writing, finishedNs }: JournalContent): string {
  const tail = finishedNs === undefined ? '' : finishedLine(finishedNs);
  return headerLines(header) + storedLines(present(stored)) + present(writing).map(writingLine).join('') + tail;
}

function seeds(): Uint8Array[] {
  const pieces = [...geometry.pieces()];
  const texts = [
    headerLines(header),
    headerLines(header) + pieces.slice(0, 3).map(writingLine).join('') + storedLines(pieces.slice(0, 3)),
    headerLines(header) + storedLines(pieces.filter((piece) => piece % 3 === 0)),
    headerLines(header) + storedLines(pieces) + finishedLine(1_750_000_000_123_456_789n),
  ];
  return texts.map((text) => Buffer.from(text));
}

/** Changes what a line says and gives it the right checksum, or the order of lines. */
function mutate(input: Uint8Array, random: Random): Uint8Array {
  const lines = Buffer.from(input).toString('utf8').split('\n');
  const at = random.below(lines.length);
  const line = lines[at]!;
  const choice = random.below(5);
  if (choice === 0) lines.splice(random.below(lines.length), 0, ...lines.splice(at, 1));
  else if (choice === 1) lines.splice(at, 0, line);
  else if (at > 0 && line !== '') {
    const rest = line.slice(9);
    const other = Buffer.from(lines[random.below(lines.length)]!.slice(9));
    const changed =
      rest.startsWith('{') && random.chance(0.5)
        ? mutateJson(rest, ['sizeBytes', 'more'], random)
        : Buffer.from(mutateBytes(Buffer.from(rest), other, words, random)).toString('utf8');
    lines[at] = `${crc32Hex(changed)} ${changed}`;
  }
  return Buffer.from(lines.join('\n'));
}
