import type { Bitfield, PieceIndex } from '@peerage/bittorrent';
import type { Availability } from './availability.ts';
import type { Random } from './random.ts';

/** Pieces looked at in the order of rarity before the whole bitfield is walked instead. */
const PROBES = 64;

/** Among several seeders each brings so many pieces in a row, from a multiple of it on: a file is read at half the cost so. */
export const RUN_PIECES = 4;
/** No run is begun, or gone on with, so far behind the first wanted piece: a slow seeder's would hold the whole-file hash back. */
const RUNS_REACH_PIECES = 16;

/**
 * The wanted piece to open next from a peer that has `has`: the locally rarest, random among equals; where only seeders are there
 * (`inFileOrder`) the file from its beginning on, in runs, so that the whole-file hash can follow from memory. Undefined where the peer has none.
 * `partial` says that the peer is counted piece by piece, so that it cannot have a piece of level 0; `last` is the piece that was opened from it last.
 */
export function pickPiece(
  availability: Availability,
  has: Bitfield,
  options: {
    readonly inFileOrder: boolean;
    readonly last: PieceIndex | undefined;
    readonly partial: boolean;
    readonly random: Random;
  },
): PieceIndex | undefined {
  if (options.inFileOrder) {
    const first = availability.firstWanted();
    const next = first === undefined ? undefined : nextInRuns(availability, first, options.last);
    if (next === undefined || has.has(next)) return next;
  }
  let probes = PROBES;
  for (let level = options.partial ? 1 : 0; level < availability.levelCount; level++) {
    const start = availability.levelStart(level);
    const size = availability.levelStart(level + 1) - start;
    if (size === 0) continue;
    const turn = options.random.below(size);
    for (let step = 0; step < size; step++) {
      const piece = availability.at(start + ((turn + step) % size));
      if (has.has(piece)) return piece;
      if (--probes === 0) return walk(availability, has, options.random);
    }
  }
  return undefined;
}

/** The next piece of the run that `last` belongs to, else the first one of a run that nobody has begun, else what is left of those of others. */
function nextInRuns(availability: Availability, first: PieceIndex, last: PieceIndex | undefined): PieceIndex {
  const { wanted } = availability;
  const end = first + RUNS_REACH_PIECES;
  const next = last === undefined ? undefined : ((last + 1) as PieceIndex);
  if (next !== undefined && next % RUN_PIECES !== 0 && next < end && wanted.has(next)) return next;
  for (let start = Math.ceil(first / RUN_PIECES) * RUN_PIECES; start < end; start += RUN_PIECES) {
    if (wanted.has(start as PieceIndex)) return start as PieceIndex;
  }
  return first;
}

/** The same answer by one walk over both bitfields: for a peer that has few of the wanted pieces. */
function walk(availability: Availability, has: Bitfield, random: Random): PieceIndex | undefined {
  const wantedBytes = availability.wanted.bytes;
  const hasBytes = has.bytes;
  let best: PieceIndex | undefined;
  let bestCount = 0;
  let equals = 0;
  for (let index = 0; index < wantedBytes.length; index++) {
    let both = wantedBytes[index]! & hasBytes[index]!;
    while (both !== 0) {
      const bit = Math.clz32(both) - 24;
      both &= ~(0x80 >> bit);
      const piece = (index * 8 + bit) as PieceIndex;
      const count = availability.partialCount(piece);
      if (best === undefined || count < bestCount) {
        best = piece;
        bestCount = count;
        equals = 1;
      } else if (count === bestCount && random.below(++equals) === 0) {
        best = piece;
      }
    }
  }
  return best;
}
