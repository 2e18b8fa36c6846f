import { crc32 } from 'node:zlib';
import { Bitfield, type Geometry, METAINFO_LIMITS, type PieceIndex } from '@peerage/bittorrent';

/**
 * The journal of a download, as text. First line: the format's name and version. Every other line: CRC-32 of its rest (8 hex
 * digits), a blank, the rest. Second line: the header as JSON. Then records, each of which only adds something, but for `lost`:
 *
 *   writing 17          piece 17 was handed to the operating system, or half of it was, or soon will be
 *   writing 18-33       the same of several
 *   stored 0-99 105     these pieces survive a power cut
 *   lost 17             a check found piece 17 wrong, or it never came: what was said of it before does not hold
 *   finished 1750…      the file was given its final name when it had this modification time (nanoseconds)
 *
 * and of a folder, whose files and partial files go by their number:
 *
 *   part 3 8123 1750…        the partial file has that inode, made at that time (nanoseconds; "0" where the disk keeps none)
 *   named 3 8123 70 1750…    the file was given its final name when it had that inode, size and modification time
 *
 * So a line that is torn or damaged costs what it said and nothing else, wherever it is (and the next one where its end is lost).
 */
export interface JournalHeader {
  /** 40 hex digits. */
  readonly infoHash: string;
  readonly sizeBytes: number;
  readonly destination: string;
  /** Together they tell the file from a later one that got its inode number. Decimal; the second is "0" where the disk keeps none. */
  readonly partInode: string;
  readonly partBornNs: string;
}

export interface JournalContent {
  readonly header: JournalHeader;
  readonly stored: Bitfield;
  readonly writing: Bitfield;
  readonly finishedNs: bigint | undefined;
  /** `inode bornNs` of partial files by number. */
  readonly parts: ReadonlyMap<number, string>;
  /** `inode size modifiedNs` of files under their final names by number. */
  readonly named: ReadonlyMap<number, string>;
}

const formatName = 'peerage-download-journal';
const formatVersion = 1;
const rangesALine = 2000;
/** No line that is written is longer: a destination of 4,096 bytes, escaped, or 2,000 ranges. */
export const MAX_LINE_BYTES = 64 * 1024;

const line = (rest: string): string => `${crc32(rest).toString(16).padStart(8, '0')} ${rest}\n`;

export const headerLines = (header: JournalHeader): string =>
  `${formatName} ${formatVersion}\n${line(JSON.stringify(header))}`;

export const writingLine = (piece: PieceIndex): string => line(`writing ${piece}`);

export const writingRangeLine = (first: PieceIndex, last: PieceIndex): string =>
  first === last ? writingLine(first) : line(`writing ${first}-${last}`);

export const finishedLine = (modifiedNs: bigint): string => line(`finished ${modifiedNs}`);

export const lostLine = (piece: PieceIndex): string => line(`lost ${piece}`);

export const partLine = (file: number, mark: string): string => line(`part ${file} ${mark}`);

export const namedLine = (file: number, mark: string): string => line(`named ${file} ${mark}`);

export function storedLines(pieces: Iterable<PieceIndex>): string {
  const ranges: string[] = [];
  let first = -1;
  let last = -1;
  const close = () => {
    if (first >= 0) ranges.push(first === last ? `${first}` : `${first}-${last}`);
  };
  for (const piece of pieces) {
    if (first >= 0 && piece === last + 1) {
      last = piece;
      continue;
    }
    close();
    first = last = piece;
  }
  close();
  let lines = '';
  for (let at = 0; at < ranges.length; at += rangesALine) {
    lines += line(`stored ${ranges.slice(at, at + rangesALine).join(' ')}`);
  }
  return lines;
}

/** Takes a journal line by line. */
export class JournalParser {
  readonly #geometry: Geometry;
  readonly #stored: Bitfield;
  readonly #writing: Bitfield;
  #header: JournalHeader | undefined;
  readonly #parts = new Map<number, string>();
  readonly #named = new Map<number, string>();
  #finishedNs: bigint | undefined;
  #lineNumber = 0;
  #state: 'journal' | 'foreign' | 'newer' = 'journal';

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
    this.#stored = Bitfield.empty(geometry);
    this.#writing = Bitfield.empty(geometry);
  }

  line(text: string): void {
    this.#lineNumber++;
    if (this.#state !== 'journal') return;
    if (this.#lineNumber === 1) {
      this.#version(text);
      return;
    }
    const rest = text.slice(9);
    if (text !== line(rest).slice(0, -1)) return;
    if (this.#lineNumber === 2) {
      this.#header = parseHeader(rest);
      return;
    }
    const [verb, ...words] = rest.split(' ');
    if (verb === 'writing') for (const piece of this.#pieces(words)) this.#writing.set(piece);
    else if (verb === 'stored') for (const piece of this.#pieces(words)) this.#stored.set(piece);
    else if (verb === 'lost') this.#lose(words);
    else if (verb === 'part') noteFile(this.#parts, words, 3);
    else if (verb === 'named') noteFile(this.#named, words, 4);
    else if (verb === 'finished' && /^\d{1,20}$/.test(words[0] ?? '')) this.#finishedNs = BigInt(words[0]!);
  }

  /** undefined: no journal, or its beginning is damaged. */
  end(): JournalContent | 'newer' | undefined {
    if (this.#state === 'newer') return 'newer';
    if (this.#state === 'foreign' || !this.#header) return undefined;
    return {
      header: this.#header,
      stored: this.#stored,
      writing: this.#writing,
      finishedNs: this.#finishedNs,
      parts: this.#parts,
      named: this.#named,
    };
  }

  #version(text: string): void {
    const version = new RegExp(`^${formatName} (\\d{1,9})$`).exec(text)?.[1];
    if (version === undefined) this.#state = 'foreign';
    else if (Number(version) > formatVersion) this.#state = 'newer';
  }

  #lose(words: readonly string[]): void {
    for (const piece of this.#pieces(words)) {
      this.#stored.clear(piece);
      this.#writing.clear(piece);
    }
  }

  *#pieces(ranges: readonly string[]): Generator<PieceIndex> {
    for (const range of ranges) {
      const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
      for (let index = Number(first); index <= Number(last ?? first); index++) {
        const piece = this.#geometry.piece(index);
        if (piece === undefined) break;
        yield piece;
      }
    }
  }
}

function noteFile(files: Map<number, string>, words: readonly string[], count: number): void {
  if (words.length !== count || !words.every((word) => /^\d{1,20}$/.test(word))) return;
  const [file, ...mark] = words;
  if (Number(file) < METAINFO_LIMITS.entries) files.set(Number(file), mark.join(' '));
}

function parseHeader(text: string): JournalHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { infoHash, sizeBytes, destination, partInode, partBornNs } = value as Partial<
    Record<keyof JournalHeader, unknown>
  >;
  if (typeof infoHash !== 'string' || typeof sizeBytes !== 'number') return undefined;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return undefined;
  if (typeof destination !== 'string' || typeof partInode !== 'string' || typeof partBornNs !== 'string')
    return undefined;
  return { infoHash, sizeBytes, destination, partInode, partBornNs };
}
