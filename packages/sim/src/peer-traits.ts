/** What a peer of a scenario is like. Rates in bytes per second. */
export interface PeerTraits {
  readonly isSeeder: boolean;
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** Blocks of a hundred that it sends wrong. */
  readonly wrongPercent: number;
  /** From then on it keeps its connections and sends nothing. */
  readonly muteFromMs: number;
  /** When it is away: its connections end, what it stored stays. */
  readonly awaySpans: readonly (readonly [fromMs: number, untilMs: number])[];
  readonly writeMs: number;
  readonly diskFullSpans: readonly (readonly [fromMs: number, untilMs: number])[];
  readonly buffers: number;
  /** When it gets another number of buffers. */
  readonly bufferChanges: readonly (readonly [atMs: number, buffers: number])[];
  readonly uploadSlots: number;
  readonly uploadTurnMs: number;
}

export const PLAIN_TRAITS: PeerTraits = {
  isSeeder: false,
  upBytesPerSecond: 6_250_000,
  downBytesPerSecond: 6_250_000,
  wrongPercent: 0,
  muteFromMs: Number.POSITIVE_INFINITY,
  awaySpans: [],
  writeMs: 1,
  diskFullSpans: [],
  buffers: 16,
  bufferChanges: [],
  uploadSlots: 8,
  uploadTurnMs: 10_000,
};
