/** What a peer of a scenario is like. Rates in bytes per second. */
export interface PeerTraits {
  readonly isSeeder: boolean;
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** What each of its sockets takes before anything of it is sent. */
  readonly socketBytes: number;
  /** It takes and gives nothing: nobody is ever unchoked. */
  readonly isFreeRider: boolean;
  /** It asks for everything again and again, and never says what it has. */
  readonly isSilent: boolean;
  /** Blocks of a hundred that it sends wrong. */
  readonly wrongPercent: number;
  /** From then on it keeps its connections and sends nothing. */
  readonly muteFromMs: number;
  /** When it is away: its connections end, what it stored stays. */
  readonly awaySpans: readonly (readonly [fromMs: number, untilMs: number])[];
  /** It leaves when it has uploaded so many times the share's size, and returns so much later (Infinity: never). */
  readonly leavesAfterCopies: number;
  readonly returnsAfterMs: number;
  /** Nobody waits for it: the report is about the others. */
  readonly isSlow: boolean;
  readonly writeMs: number;
  readonly diskFullSpans: readonly (readonly [fromMs: number, untilMs: number])[];
  /** This write of it fails (counted from 1), the disk works again a second later. */
  readonly failingWrite: number;
  readonly buffers: number;
  /** When it gets another number of buffers. */
  readonly bufferChanges: readonly (readonly [atMs: number, buffers: number])[];
}

export const PLAIN_TRAITS: PeerTraits = {
  isSeeder: false,
  upBytesPerSecond: 6_250_000,
  downBytesPerSecond: 6_250_000,
  socketBytes: 128 * 1024,
  isFreeRider: false,
  isSilent: false,
  wrongPercent: 0,
  muteFromMs: Number.POSITIVE_INFINITY,
  awaySpans: [],
  leavesAfterCopies: Number.POSITIVE_INFINITY,
  returnsAfterMs: Number.POSITIVE_INFINITY,
  isSlow: false,
  writeMs: 1,
  diskFullSpans: [],
  failingWrite: 0,
  buffers: 24,
  bufferChanges: [],
};
