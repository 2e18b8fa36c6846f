/**
 * What the peer port and the dialer bound. Every room of `net/` takes its numbers from here, and docs/reference/limits.md describes each: a new
 * number needs its words in scripts/docs/limits, or nothing compiles.
 */

/** A block is one address (IPv4) or one /64 (IPv6). */
export const handshakeLimits = {
  blockPerSecond: 10,
  blockAtOnce: 32,
  inAllPerSecond: 100,
  inAllAtOnce: 100,
  /** Of all handshakes, this share is for addresses that lately showed a certificate that counts. */
  keptShare: 1 / 3,
  keptForMs: 600_000,
  pendingPerBlock: 16,
  pendingInAll: 128,
  rememberedBlocks: 10_000,
  tlsMs: 10_000,
  bittorrentMs: 10_000,
} as const;

export const linkLimits = {
  recheckEveryMs: 10_000,
  /** A peer who takes nothing of what is queued for it holds buffers that others need. */
  unreadMs: 30_000,
  unreadBytes: 4 * 1024 * 1024,
} as const;

export const dialLimits = {
  attempts: 32,
  attemptMs: 5_000,
  /** Tries in a row in which somebody answered without the expected certificate. */
  strangerTries: 3,
  quarantineMs: 600_000,
  /** How often news of a device let an address be tried before its rest is over: so many at once, then one every so often. */
  newsAtOnce: 10,
  newsEveryMs: 30_000,
} as const;

/** Of one share. */
export const shareLinkLimits = {
  connections: 100,
  /** 30-40 neighbours are enough for 1,000 peers (engine design, rule 6). */
  dialed: 40,
} as const;

/** What members pass on of who counts no more. */
export const revocationLimits = {
  /** An extended message holds 64 KiB. */
  rowsInMessage: 600,
  toldAtFirst: 10_000,
} as const;
