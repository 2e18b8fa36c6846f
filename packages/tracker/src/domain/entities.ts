import type { KeyHandOver } from '@peerage/contract';

/**
 * The rows a tracker keeps. Names point at internal ids and everything else hangs on internal ids. Keys are made by {@link keys} only:
 * parts joined with `/`, so that all rows below a part are one prefix scan. Merge rules between trackers: join.ts, docs/spec/replication.md.
 */

/** Hybrid logical clock: milliseconds since 1970 times 2048 plus a counter; a safe integer until 2109. Larger = later. */
export type Hlc = number;
const HLC_TICKS_PER_MS = 2048;
export const hlcAtMs = (timeMs: number): Hlc => timeMs * HLC_TICKS_PER_MS;
export const hlcTimeMs = (hlc: Hlc): number => Math.floor(hlc / HLC_TICKS_PER_MS);

/** What a client signed when it made a user or a group (contract, ids.ts). Kept, so that every tracker can check it again. */
export interface Creation {
  readonly name: string;
  /** Public key of the creating device. */
  readonly device: string;
  readonly nonce: string;
  readonly signature: string;
}

/** A name claimed for an id. Of several claims to one name the settled one is better, then the earlier one. */
export interface Claim {
  readonly claimedAt: Hlc;
  /** Every listed tracker knew of it, and of no better one, when it was made. */
  readonly settled: boolean;
}

/** What has a name; `renamedAt` is 0 for the name it was created with. */
export interface Named {
  readonly creation: Creation;
  readonly name: string;
  readonly renamedAt: Hlc;
}

/** From lax to strict: where two trackers disagree about one application, the stricter state wins. */
export type MembershipState = 'pending' | 'member' | 'left' | 'rejected' | 'removed';

export interface Membership {
  readonly state: MembershipState;
  /** When it was applied for: orders a user's applications. 0 for a founder. */
  readonly application: Hlc;
  readonly applicationId: string;
  /** When the present state began. */
  readonly since: Hlc;
  /** Who accepted, rejected or removed; null where nobody did (founder, pending, left). */
  readonly decidedBy: string | null;
  /** Rejections and removals so far: each makes the next application wait longer. */
  readonly refusals: number;
}

export interface Entities {
  /** A user's claim to a name; who holds it is derived (names.ts). */
  user_name: Claim;
  user: Named;
  /** `epoch` changes with every password: sessions and device logins of an older epoch are over. `changedAt` 0: as it was created. */
  credential: { readonly hash: string; readonly epoch: string; readonly changedAt: Hlc };
  /** Grow only: `revoked` never goes back. */
  device: { readonly publicKey: string; readonly label: string; readonly addedAt: Hlc; readonly revoked: boolean };
  /** Whether a known device may log in without the password. `id` is new with every password login, which was `at`. */
  login: { readonly id: string; readonly epoch: string; readonly on: boolean; readonly at: Hlc };
  /** hash of a token → whose session; each tracker's own */
  session: { readonly uid: string; readonly device: string; readonly presenceSession: number; readonly epoch: string };
  /** The one session of a device; each tracker's own. */
  device_session: { readonly tokenHash: string };
  /** A group's claim to a name. */
  group_name: Claim;
  group: Named & { readonly creator: string };
  /** Owner, as long as that user is a member; else the longest-standing member is. `at` 0: the founder. */
  preferred_owner: { readonly uid: string; readonly at: Hlc };
  /** One application of a user to a group, and what became of it. */
  application: Membership;
  /** Index: a user's latest application to a group. */
  membership: Membership;
  /** Index: groups in which a user is a member or pending. */
  membership_of_user: { readonly state: 'pending' | 'member' };
  /** Index: contents that have or had a name in a group. */
  file_name: { readonly infoHash: string };
  /** Listed while a member's intent to share it is on. */
  content: {
    readonly name: string;
    readonly sizeBytes: number;
    readonly pieces: number;
    readonly sha1: string;
    /** Files of a folder; absent where it is one file. */
    readonly files?: number;
    /** First sharer. */
    readonly by: string;
    readonly addedAt: Hlc;
  };
  /** An intent to share is on while its row exists. */
  intent: { readonly since: Hlc };
  /** Index: a device's intents. */
  intent_of_device: { readonly since: Hlc };
  /** Metainfo that this tracker holds on disk, with what was parsed from it. */
  blob: {
    readonly name: string;
    readonly sizeBytes: number;
    readonly pieces: number;
    readonly sha1: string;
    /** Files of a folder; absent where it is one file. */
    readonly files?: number;
    readonly blobBytes: number;
    readonly storedAt: Hlc;
  };
  /** Secret that names the group on peer links; told to members only. */
  group_label: { readonly key: string };
  /** Who may issue group certificates: DER, base64. `retired` is final. `tracker`: whose it is, by place in the tracker file. */
  issuer: { readonly certificate: string; readonly tracker: number; readonly retired: boolean };
  /** Grow only: that issuer made its last certificate then. */
  issuer_end: { readonly lastAt: Hlc };
  /** Grow only, by the new key's pin: a tracker's port shows a new key, and the old one says so. */
  tracker_key: KeyHandOver;
  /** Grow only: certificates with that id are refused, whoever issued them and whenever. */
  revocation: { readonly at: Hlc };
  /** A mutating command that took effect, so that its retry answers the same. */
  command: { readonly route: string; readonly bodyHash: string; readonly result: unknown; readonly at: Hlc };
}

export type Entity = keyof Entities;

/** Whether an entity's rows go to the other trackers; the rest is each tracker's own (sessions) or follows from other rows (indexes). */
export const replicated: Readonly<Record<Entity, boolean>> = {
  user_name: true,
  user: true,
  credential: true,
  device: true,
  login: true,
  session: false,
  device_session: false,
  group_name: true,
  group: true,
  preferred_owner: true,
  application: true,
  membership: false,
  membership_of_user: false,
  file_name: false,
  content: true,
  intent: true,
  intent_of_device: false,
  blob: false,
  group_label: true,
  issuer: true,
  issuer_end: true,
  tracker_key: true,
  revocation: true,
  command: true,
};

export const keys = {
  device: (uid: string, device: string) => `${uid}/${device}`,
  claim: (foldedName: string, id: string) => `${foldedName}/${id}`,
  application: (gid: string, uid: string, applicationId: string) => `${gid}/${uid}/${applicationId}`,
  membership: (gid: string, uid: string) => `${gid}/${uid}`,
  membershipOfUser: (uid: string, gid: string) => `${uid}/${gid}`,
  fileName: (gid: string, name: string, infoHash: string) => `${gid}/${name}/${infoHash}`,
  content: (gid: string, infoHash: string) => `${gid}/${infoHash}`,
  intent: (gid: string, infoHash: string, uid: string, device: string) => `${gid}/${infoHash}/${uid}/${device}`,
  intentOfDevice: (uid: string, device: string, gid: string, infoHash: string) => `${uid}/${device}/${gid}/${infoHash}`,
  revocation: (kind: 'application' | 'login' | 'device', id: string) => `${kind}/${id}`,
  command: (uid: string, commandId: string) => `${uid}/${commandId}`,
} as const;

/** The parts of a key; names, of files too, have no slash. */
export const keyParts = (key: string): string[] => key.split('/');
