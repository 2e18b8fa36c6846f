import type { PieceIndex } from '@peerage/bittorrent';
import type { MemberKey } from './transfer-events.ts';

/** Good pieces sent alone that make up for one bad piece among others. */
const GOOD_TO_CLEAR = 4;
/** Bad pieces among others after which a member works alone for ever. */
const STRIKES_FOR_EVER = 3;

/**
 * Who may have sent wrong blocks. The core sees no bytes, so blame is exact only where all blocks of a bad piece came from one member:
 * that member is banned at once. Of a bad piece with several senders each becomes a suspect: its blocks are mixed with nobody else's
 * any more, so that its next lie is exact; and the piece comes next whole from one member, from none of its suspects if another has it.
 *
 * Always true: a banned member is never unbanned; no banned member is a suspect.
 */
export class Suspicion {
  readonly banned = new Set<MemberKey>();
  readonly #strikes = new Map<MemberKey, { count: number; goodAlone: number }>();
  readonly #retries = new Map<PieceIndex, Set<MemberKey>>();

  /** A piece was bad: answers with the member to ban, or undefined where several may have been it. */
  judge(piece: PieceIndex, senders: ReadonlySet<MemberKey>): MemberKey | undefined {
    if (senders.size === 1) {
      const [liar] = senders;
      this.banned.add(liar!);
      this.#strikes.delete(liar!);
      return liar;
    }
    const suspects = this.#retries.get(piece) ?? new Set<MemberKey>();
    for (const member of senders) {
      if (this.banned.has(member)) continue;
      suspects.add(member);
      const strikes = this.#strikes.get(member);
      this.#strikes.set(member, { count: (strikes?.count ?? 0) + 1, goodAlone: 0 });
    }
    this.#retries.set(piece, suspects);
    return undefined;
  }

  /** A piece was good: a suspect that sent it alone earns trust again. */
  acquit(piece: PieceIndex, senders: ReadonlySet<MemberKey>): void {
    this.#retries.delete(piece);
    if (senders.size !== 1 || this.#strikes.size === 0) return;
    const [member] = senders;
    const strikes = this.#strikes.get(member!);
    if (strikes !== undefined) strikes.goodAlone++;
  }

  /** True where the member's blocks may not be in one piece with another's. */
  worksAlone(member: MemberKey): boolean {
    const strikes = this.#strikes.get(member);
    return strikes !== undefined && (strikes.count >= STRIKES_FOR_EVER || strikes.goodAlone < GOOD_TO_CLEAR);
  }

  /** Pieces that were bad and must come from one member, with those who sent the bad ones. */
  get retries(): ReadonlyMap<PieceIndex, ReadonlySet<MemberKey>> {
    return this.#retries;
  }
}
