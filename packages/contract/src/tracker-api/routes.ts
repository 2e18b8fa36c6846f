import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import {
  CommandId,
  DerBase64,
  DevicePublicKey,
  Id,
  InfoHashHex,
  LabelKey,
  Nonce,
  Revoked,
  Sha1Hex,
  ShownName,
  Signature,
  SignedRevocation,
  SizeBytes,
  Standing,
  TimeMs,
  TrackerPin,
} from '../values.ts';

/** How much of each may stand in one request; more is refused before anything looks at it. */
export const callLimits = {
  nameCharacters: 1024,
  passwordCharacters: 1024,
  labelCharacters: 64,
  addresses: 8,
  shares: 10_000,
  groups: 1000,
  revocations: 200,
} as const;

/** A name as somebody typed it, as long as a client takes it: whether it can be one, and whose, the domain says in words. */
const TypedName = z.string().max(callLimits.nameCharacters);
/** What a client signs when it makes a user or a group (ids.ts). `name` is checked by the domain, so that it can answer `bad_name`. */
const Creation = z.strictObject({
  id: Id,
  name: TypedName,
  nonce: Nonce,
  device: DevicePublicKey,
  signature: Signature,
});
const Password = z.string().min(1).max(callLimits.passwordCharacters);
const Command = z.strictObject({ commandId: CommandId });
const Group = z.object({ group: Id });
const Ok = z.object({});
/** `settled: false`: acknowledged by one tracker only so far (trackers.md, "Settled creates"). */
const Settled = z.object({ settled: z.boolean() });
/** What takes rights away says what it revoked: who asked for it keeps that until every tracker has it. */
const Taking = Settled.extend({ revoked: z.array(SignedRevocation) });

export const Session = z.object({
  /** Opaque; only its hash is stored. */
  token: z.string().min(32).max(128),
  user: z.object({ id: Id, name: ShownName }),
  deviceId: Id,
  /** Presence session number: larger at every login of this device. */
  presenceSession: z.number().int().nonnegative(),
  nowMs: TimeMs,
});

export const GroupRow = z.object({
  id: Id,
  name: ShownName,
  owner: ShownName,
  members: z.number().int().nonnegative(),
  standing: Standing,
  /** When the caller's standing began: request or acceptance; absent for `none`. */
  since: TimeMs.optional(),
  /** Pending join requests: shown to the owner only. */
  requests: z.number().int().nonnegative().optional(),
});

export const FileRow = z.object({
  name: z.string(),
  infoHash: InfoHashHex,
  size: SizeBytes,
  pieces: z.number().int().nonnegative(),
  /** Of a folder its info-hash: each of its files has a SHA-1 of its own. */
  sha1: Sha1Hex,
  /** Files of a folder; absent where it is one file. */
  folderFiles: z.number().int().nonnegative().optional(),
  by: ShownName,
  seeders: z.number().int().nonnegative(),
  /** Whether the calling device's intent to share it is on. */
  sharedByYou: z.boolean(),
});

/** Where a device listens for peers. */
export const PeerAddress = z.strictObject({
  host: z.string().min(1).max(64),
  port: z.number().int().min(1024).max(65535),
});

export const Peer = z.object({
  user: ShownName,
  userId: Id,
  deviceId: Id,
  role: z.enum(['seeder', 'leecher']),
  addresses: z.array(PeerAddress).max(callLimits.addresses),
});

export const GroupCertificate = z.object({
  group: Id,
  /** DER, base64. */
  certificate: DerBase64,
  notBeforeMs: TimeMs,
  notAfterMs: TimeMs,
  labelKey: LabelKey,
});

const ShareKey = z.strictObject({ group: Id, infoHash: InfoHashHex });

export const trackerRoutes = {
  createUser: {
    method: 'POST',
    path: '/v1/users',
    summary: 'Make an account. A retry with the same creation is the same account; it never changes the password.',
    session: false,
    body: z.strictObject({ commandId: CommandId, create: Creation, password: Password }),
    answer: Settled.extend({ user: z.object({ id: Id, name: ShownName }) }),
  },
  login: {
    method: 'POST',
    path: '/v1/sessions',
    summary:
      'Log in with a password; the device is known from then on. `proof`: Ed25519 over "peerage-device-v1" 0x00 channel(32) trackerPin(32) device(32).',
    session: false,
    body: z.strictObject({
      name: TypedName,
      password: Password,
      device: DevicePublicKey,
      proof: Signature,
      label: z.string().max(callLimits.labelCharacters),
    }),
    answer: Session,
  },
  challenge: {
    method: 'POST',
    path: '/v1/challenges',
    summary:
      'Ask for a challenge that a known device signs instead of giving the password. Good once, for 30 s, on this connection.',
    session: false,
    body: z.strictObject({ user: Id, device: DevicePublicKey }),
    answer: z.object({ challenge: z.string().regex(/^[0-9a-f]{64}$/) }),
  },
  deviceLogin: {
    method: 'POST',
    path: '/v1/sessions/device',
    summary:
      'Log in with a signed challenge: Ed25519 over "peerage-login-v1" 0x00 challenge(32) channel(32) trackerPin(32) user(16) device(32). Refused after logout or a password change.',
    session: false,
    body: z.strictObject({
      user: Id,
      device: DevicePublicKey,
      challenge: z.string().regex(/^[0-9a-f]{64}$/),
      signature: Signature,
    }),
    answer: Session,
  },
  logout: {
    method: 'DELETE',
    path: '/v1/sessions/current',
    summary: 'End the session; this device needs the password again.',
    session: true,
    body: Command,
    answer: Taking,
  },
  changePassword: {
    method: 'PUT',
    path: '/v1/me/password',
    summary: 'Change the password; every other session and device of the user needs it from now on.',
    session: true,
    body: z.strictObject({ commandId: CommandId, current: Password, next: Password }),
    answer: Taking,
  },
  renameUser: {
    method: 'PUT',
    path: '/v1/me/name',
    summary: 'A new name for the loser of a name made on both sides of a cut.',
    session: true,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  me: {
    method: 'GET',
    path: '/v1/me',
    summary: 'Who the session belongs to.',
    session: true,
    answer: z.object({ user: z.object({ id: Id, name: ShownName }), deviceId: Id, nowMs: TimeMs }),
  },
  listDevices: {
    method: 'GET',
    path: '/v1/me/devices',
    summary: "The user's devices.",
    session: true,
    answer: z.object({
      devices: z.array(
        z.object({
          id: Id,
          label: z.string(),
          addedAt: TimeMs,
          state: z.enum(['active', 'password_needed', 'revoked']),
          online: z.boolean(),
          current: z.boolean(),
        }),
      ),
    }),
  },
  revokeDevice: {
    method: 'POST',
    path: '/v1/me/devices/:device/revoke',
    summary: 'Put a device out for ever.',
    session: true,
    params: z.object({ device: Id }),
    body: Command,
    answer: Taking,
  },
  createGroup: {
    method: 'POST',
    path: '/v1/groups',
    summary: 'Make a group; the creator owns it.',
    session: true,
    body: z.strictObject({ commandId: CommandId, create: Creation }),
    answer: Settled.extend({ group: z.object({ id: Id, name: ShownName }) }),
  },
  listGroups: {
    method: 'GET',
    path: '/v1/groups',
    summary: "All groups, with the caller's standing in each.",
    session: true,
    answer: z.object({ groups: z.array(GroupRow) }),
  },
  findGroup: {
    method: 'GET',
    path: '/v1/groups/by-name/:name',
    summary: 'One group by its name, ignoring case.',
    session: true,
    params: z.object({ name: TypedName }),
    answer: GroupRow,
  },
  renameGroup: {
    method: 'PUT',
    path: '/v1/groups/:group/name',
    summary: 'A new name for a group that lost its name to one made on the other side of a cut; owner only.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  joinGroup: {
    method: 'POST',
    path: '/v1/groups/:group/requests',
    summary: 'File a join request.',
    session: true,
    params: Group,
    body: Command,
    answer: Settled,
  },
  listRequests: {
    method: 'GET',
    path: '/v1/groups/:group/requests',
    summary: 'Pending join requests, oldest first; owner only.',
    session: true,
    params: Group,
    answer: z.object({ requests: z.array(z.object({ user: ShownName, userId: Id, requestedAt: TimeMs })) }),
  },
  decideRequest: {
    method: 'POST',
    path: '/v1/groups/:group/requests/decide',
    summary: 'Accept or reject a join request; owner only. The first decision wins.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName, decision: z.enum(['accept', 'reject']) }),
    answer: Settled,
  },
  leaveGroup: {
    method: 'POST',
    path: '/v1/groups/:group/leave',
    summary: 'Leave; an owner hands over to the longest-standing member; the last one ends the group.',
    session: true,
    params: Group,
    body: Command,
    answer: Taking.extend({ newOwner: ShownName.optional(), ended: z.boolean() }),
  },
  handOverGroup: {
    method: 'PUT',
    path: '/v1/groups/:group/owner',
    summary: 'Make another member the owner; owner only, who stays a member.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName }),
    answer: Settled,
  },
  listMembers: {
    method: 'GET',
    path: '/v1/groups/:group/members',
    summary: 'Members, longest-standing first; members only.',
    session: true,
    params: Group,
    answer: z.object({
      members: z.array(
        z.object({
          user: ShownName,
          userId: Id,
          role: z.enum(['owner', 'member']),
          online: z.boolean(),
          /** When the last device went offline, where this tracker saw it. */
          lastSeen: TimeMs.optional(),
          since: TimeMs,
        }),
      ),
    }),
  },
  removeMember: {
    method: 'POST',
    path: '/v1/groups/:group/members/remove',
    summary: 'Remove a member; owner only. What was shared by that member only is listed no more.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, user: TypedName }),
    answer: Taking,
  },
  listFiles: {
    method: 'GET',
    path: '/v1/groups/:group/files',
    summary: 'The catalogue of a group, by name; members only.',
    session: true,
    params: Group,
    answer: z.object({ files: z.array(FileRow) }),
  },
  findFile: {
    method: 'GET',
    path: '/v1/groups/:group/files/by-name',
    summary: 'One entry of the catalogue; members only.',
    session: true,
    params: Group,
    query: z.object({ name: TypedName }),
    answer: FileRow,
  },
  putMetainfo: {
    method: 'PUT',
    path: '/v1/groups/:group/metainfo/:infoHash',
    summary:
      'Store the canonical info dictionary (docs/spec/metainfo.md) before it is shared; members only. Its SHA-1, group id and geometry are checked. Kept for an hour if nothing refers to it.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    body: 'bytes',
    answer: Ok,
  },
  getMetainfo: {
    method: 'GET',
    path: '/v1/groups/:group/metainfo/:infoHash',
    summary: 'The canonical info dictionary of a listed share; members only.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    answer: 'bytes',
  },
  share: {
    method: 'POST',
    path: '/v1/groups/:group/shares',
    summary:
      "Turn this device's intent to share on. Equal content under the same name adds a sharer; other content under a taken name is refused. `ifListed`: only where the group lists the content already, as who has just downloaded it wants.",
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, infoHash: InfoHashHex, ifListed: z.boolean().optional() }),
    answer: Settled.extend({ file: FileRow }),
  },
  stopShare: {
    method: 'POST',
    path: '/v1/groups/:group/shares/:infoHash/stop',
    summary: "Turn this device's intent to share off; when the last intent ends, the name is free.",
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    body: Command,
    answer: Settled,
  },
  removeFile: {
    method: 'POST',
    path: '/v1/groups/:group/files/remove',
    summary: 'End an entry for all; owner or first sharer.',
    session: true,
    params: Group,
    body: z.strictObject({ commandId: CommandId, name: TypedName }),
    answer: Settled,
  },
  myShares: {
    method: 'GET',
    path: '/v1/me/shares',
    summary:
      "What this device's intents to share are, for sharing again after a login. `complete`: no other tracker may know of more.",
    session: true,
    answer: z.object({ shares: z.array(ShareKey.extend({ name: z.string() })), complete: z.boolean() }),
  },
  heartbeat: {
    method: 'POST',
    path: '/v1/presence',
    summary:
      'This device is online (every 30 s; forgotten after 90 s). One heartbeat for all shares: `downloading` are running transfers, `withheld` are intents whose source is missing or changed.',
    session: true,
    body: z.strictObject({
      presenceSession: z.number().int().nonnegative(),
      version: z.number().int().nonnegative(),
      addresses: z.array(PeerAddress).max(callLimits.addresses),
      downloading: z.array(ShareKey).max(callLimits.shares),
      withheld: z.array(ShareKey).max(callLimits.shares),
    }),
    answer: z.object({ ttlMs: z.number().int().positive(), nowMs: TimeMs }),
  },
  peers: {
    method: 'GET',
    path: '/v1/groups/:group/peers/:infoHash',
    summary: 'Online devices, other than the caller, that share or download this content; members only.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    answer: z.object({ peers: z.array(Peer) }),
  },
  certificates: {
    method: 'POST',
    path: '/v1/certificates',
    summary:
      "Certificates of the session's device key for groups of which the caller is a member; other groups are left out. With all issuers to be trusted and all revocations.",
    session: true,
    body: z.strictObject({ groups: z.array(Id).max(callLimits.groups) }),
    answer: z.object({
      certificates: z.array(GroupCertificate),
      /** Certificates of all trackers that issue, or did lately, but for the retired ones: DER, base64. */
      issuers: z.array(DerBase64),
      /** Certificates of those that never count again: DER, base64. */
      retiredIssuers: z.array(DerBase64),
      revoked: z.array(SignedRevocation),
      nowMs: TimeMs,
    }),
  },
  handUp: {
    method: 'POST',
    path: '/v1/revocations',
    summary:
      'Tell this tracker of revocations that another one signed; anybody may. It writes them, and what they mean for membership, login or device. Answers which of them it has now; refused at the first that is badly signed.',
    session: false,
    body: z.strictObject({ revocations: z.array(SignedRevocation).min(1).max(callLimits.revocations) }),
    answer: z.object({ has: z.array(Revoked) }),
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    summary:
      'Server-sent events for this session (tracker-api/events.ts), numbered; a comment line every 5 s. `Last-Event-ID` resumes, or answers `resync`.',
    session: true,
    answer: 'events',
  },
  trackers: {
    method: 'GET',
    path: '/v1/trackers',
    summary:
      "How the other trackers follow this one, by their number in the tracker file, and which names of the caller (the account's, those of groups) were lost to the other side of a cut.",
    session: true,
    answer: z.object({
      /** Null: it replicates with nobody. */
      number: z.int().positive().nullable(),
      peers: z.array(
        z.object({
          number: z.int().positive(),
          state: z.enum(['following', 'unreachable', 'refused']),
          /** For how long it has not had all that is here; 0 when it has. */
          lagMs: z.number().nonnegative(),
        }),
      ),
      conflicts: z.array(ShownName),
    }),
  },
  trackerKey: {
    method: 'GET',
    path: '/v1/tracker-key',
    summary:
      'The key of another listed tracker, for who knows the key of this one: what its port showed on the connection on which it proved the cluster secret. Null: that address is no other tracker of the file, or it has not been met.',
    session: false,
    query: z.object({ address: z.string().min(3).max(300) }),
    answer: z.object({ pin: TrackerPin.nullable() }),
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether this tracker can write.',
    session: false,
    answer: z.object({ ok: z.boolean(), version: z.string() }),
  },
} as const satisfies RouteTable;

export type TrackerRoutes = typeof trackerRoutes;
