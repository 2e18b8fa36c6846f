import { PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import type { MemberKey } from './transfer-events.ts';

/** Who takes more than this and does not say that it has it comes last. One piece may have been bad, or its disk full. */
const WITHHELD_MOST_BYTES = PIECE_BYTES;
/** What was withheld is forgiven after this long. */
const FORGIVEN_AFTER_MS = 30_000;

interface Withheld {
  readonly bytes: number;
  readonly untilMs: number;
}

/**
 * What members were sent and never said to have: by member, so that a new connection is no new beginning.
 *
 * Always true: no member is listed with nothing; the pieces of each are in the order in which they were noted.
 */
export class Withholding {
  readonly #pieces = new Map<MemberKey, Map<PieceIndex, Withheld>>();

  note(member: MemberKey, piece: PieceIndex, bytes: number, nowMs: number): void {
    const pieces = this.#pieces.get(member) ?? new Map<PieceIndex, Withheld>();
    this.#pieces.set(member, pieces);
    const before = pieces.get(piece)?.bytes ?? 0;
    pieces.delete(piece);
    pieces.set(piece, { bytes: before + bytes, untilMs: nowMs + FORGIVEN_AFTER_MS });
  }

  /** It says that it has the piece: late, but no more was asked of it. */
  settle(member: MemberKey, piece: PieceIndex): void {
    if (!this.isAny) return;
    const pieces = this.#pieces.get(member);
    if (pieces?.delete(piece) && pieces.size === 0) this.#pieces.delete(member);
  }

  /** Somebody was sent something and has not said so in time. */
  get isAny(): boolean {
    return this.#pieces.size > 0;
  }

  /** True where others come first. */
  withholds(member: MemberKey, nowMs: number): boolean {
    if (!this.isAny) return false;
    const pieces = this.#pieces.get(member);
    if (pieces === undefined) return false;
    let bytes = 0;
    for (const [piece, withheld] of pieces) {
      if (withheld.untilMs <= nowMs) this.settle(member, piece);
      else bytes += withheld.bytes;
    }
    return bytes > WITHHELD_MOST_BYTES;
  }
}
