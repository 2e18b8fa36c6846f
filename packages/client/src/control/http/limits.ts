/** What the control API bounds; docs/reference/limits.md describes each. */
export const controlLimits = {
  /** Words of a command: a few paths of 4,096 characters. */
  bodyBytes: 256 * 1024,
  connections: 64,
  streams: 16,
  /** For head and body of a request; its answer may take any time (`wait`). */
  requestMs: 10_000,
  /** What may wait for a caller who does not read while its command runs. */
  waitingBytes: 1024 * 1024,
  /** Numbers of a download are told at most so often; everything else at once. */
  paceMs: 200,
  /** The numbers of many downloads are told more seldom, so that they take no more than this of a reader's line. */
  movedBytesPerSecond: 32 * 1024,
  /** For answers that are under way when the client ends. */
  closingMs: 2_000,
} as const;

/** Events kept for a reader who comes back. */
export const eventLimits = { kept: 1000, early: 1000 } as const;
