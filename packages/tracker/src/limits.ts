/**
 * What a tracker bounds outside its rules (those: domain/limits.ts). Every room takes its numbers from here, and docs/reference/limits.md describes each:
 * a new number needs its words in scripts/docs/limits, or nothing compiles.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

/** So many at once, then one every so often. */
export interface Rate {
  readonly atOnce: number;
  readonly everyMs: number;
}

/** argon2id (RFC 9106). */
export const passwordLimits = {
  hashMemoryBytes: 19 * MIB,
  hashPasses: 2,
  hashesAtOnce: 2,
  hashesWaiting: 64,
} as const;

/** Wrong passwords. A block is one address (IPv4) or a /64 (IPv6); a wide block is a /48. */
export const tryLimits = {
  account: { atOnce: 10, everyMs: 6 * SECOND_MS },
  knownDevice: { atOnce: 10, everyMs: 6 * SECOND_MS },
  block: { atOnce: 30, everyMs: 2 * SECOND_MS },
  wideBlock: { atOnce: 120, everyMs: SECOND_MS / 2 },
} as const;

export interface CreationRates {
  readonly block: Rate;
  readonly wideBlock: Rate;
  readonly inAll: Rate;
}

const groupsAndRequests: CreationRates = {
  block: { atOnce: 1_000, everyMs: 10 * SECOND_MS },
  wideBlock: { atOnce: 4_000, everyMs: 2.5 * SECOND_MS },
  inAll: { atOnce: 20_000, everyMs: 0.5 * SECOND_MS },
};

/** What may be made from one block of addresses, and in all: without it one machine could fill the network with names. */
export const defaultCreationLimits = {
  accounts: {
    block: { atOnce: 200, everyMs: MINUTE_MS },
    wideBlock: { atOnce: 800, everyMs: 15 * SECOND_MS },
    inAll: { atOnce: 5_000, everyMs: SECOND_MS },
  },
  groups: groupsAndRequests,
  joinRequests: groupsAndRequests,
} satisfies Readonly<Record<string, CreationRates>>;
export type CreationLimits = Readonly<Record<keyof typeof defaultCreationLimits, CreationRates>>;

/** Who gets no answer goes to another tracker: what is begun here after that could undo what was done there since. */
export const latenessLimits = {
  /** The main thread says that it lives. */
  beatMs: 100,
  /** Without a beat the tracker has stood still. Below what a client waits at least (1 s). */
  stallMs: 900,
  /** From a request's arrival until its command is decided. Below what a client waits at most (15 s). */
  waitMs: 12 * SECOND_MS,
} as const;

export const challengeLimits = { lifeMs: 30 * SECOND_MS, open: 10_000 } as const;

export const defaultPortLimits = {
  /** Connections that one address (IPv4), or one /64 (IPv6), may have open. */
  perAddress: 256,
  inAll: 4_096,
  /** For the first byte, and then for the handshake. */
  handshakeMs: 10 * SECOND_MS,
  /** For the head of a request, and from the handshake to the first one. */
  headMs: 10 * SECOND_MS,
  /** For a whole request. */
  requestMs: 5 * MINUTE_MS,
  /** Between two requests: longer than two heartbeats are apart. */
  idleMs: 75 * SECOND_MS,
};
export type PortLimits = Readonly<typeof defaultPortLimits>;

export const requestLimits = {
  headBytes: 16 * KIB,
  bodyBytes: 64 * KIB,
  /** It may name 10,000 running transfers and as many withheld shares. */
  heartbeatBytes: 4 * MIB,
} as const;

export const blobLimits = {
  /** An upload stores metainfo before it shares it. */
  unlistedMs: HOUR_MS,
  /** Up to this size it is parsed at once, within some milliseconds; larger goes to a thread. */
  parsedAtOnceBytes: 64 * KIB,
  parseMs: MINUTE_MS,
  parseHeapBytes: 1024 * MIB,
} as const;

export const eventLimits = {
  kept: 256,
  waitingBytes: MIB,
  closedStreamMs: 90 * SECOND_MS,
  /** A round of beats, and how many streams hear one; with more streams each hears every second round, and so on. */
  beatMs: SECOND_MS,
  beatsInARound: 1_000,
  mostRounds: 5,
} as const;

export interface PresenceTimes {
  /** A device that sends no heartbeat for so long is offline. */
  readonly ttlMs: number;
  /** A device whose event stream closed, and that neither opens one nor sends a heartbeat for so long, is offline. */
  readonly suspectMs: number;
}

export const defaultPresenceTimes: PresenceTimes = { ttlMs: 90 * SECOND_MS, suspectMs: 5 * SECOND_MS };

export const presenceLimits = {
  addresses: 8,
  /** Between two dial-backs to one address, and between two for one device. */
  dialBackEveryMs: MINUTE_MS,
  dialBackMs: 5 * SECOND_MS,
  dialBacksAtOnce: 16,
  /** Users of whom it is known when they went offline. */
  lastSeen: 100_000,
} as const;

export interface CertificateTimes {
  /** How long a group certificate is valid. */
  readonly lifeMs: number;
  /** A new issuer is published so long before its first certificate. */
  readonly issuerLeadMs: number;
  /** An issuer makes certificates for so long; then the next one does. */
  readonly issuerTermMs: number;
}

export const defaultCertificateTimes: CertificateTimes = {
  lifeMs: HOUR_MS,
  issuerLeadMs: 10 * MINUTE_MS,
  issuerTermMs: 30 * DAY_MS,
};

export const certificateLimits = {
  /** Certificates are valid from a while before they are made, for peers whose clocks are behind. */
  backMs: 5 * MINUTE_MS,
  /** So much longer than a certificate lives, its issuer is trusted and its revocation is told. */
  slackMs: 5 * MINUTE_MS,
} as const;

/** Between trackers (docs/spec/replication.md). */
export const replicationLimits = {
  questionBytes: MIB,
  answerBytes: 8 * MIB,
  /** So much is gathered for one answer; a commit goes whole, and one op has at most a request's body. */
  carriedBytes: 2 * MIB,
  softStateBytes: 4 * MIB,
  aheadMs: 5 * MINUTE_MS,
  /** How long a create waits for the other trackers. */
  settleMs: 300,
  /** What is kept for trackers that are behind; one that lacks more takes a snapshot. */
  ops: 1_000_000,
  /** Certificates live 60 min and clocks differ: so long a revocation is kept, and a command that may be retried. */
  collectAfterMs: 65 * MINUTE_MS,
} as const;

export const spaceLimits = {
  blobShare: 0.8,
  /** Kept for what takes rights away, however much is shared. */
  reserveBytes: 256 * MIB,
  /** On a small disk the reserve is this part of the budget at most, so that anything fits at all. */
  mostReservedShare: 0.2,
} as const;
