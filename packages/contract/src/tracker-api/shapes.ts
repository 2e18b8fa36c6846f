import { z } from 'zod';
import {
  CommandId,
  DerBase64,
  DevicePublicKey,
  Id,
  InfoHashHex,
  LabelKey,
  Nonce,
  Sha1Hex,
  ShownName,
  Signature,
  SignedRevocation,
  SizeBytes,
  Standing,
  TimeMs,
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
export const TypedName = z.string().max(callLimits.nameCharacters);
/** What a client signs when it makes a user or a group (ids.ts). `name` is checked by the domain, so that it can answer `bad_name`. */
export const Creation = z.strictObject({
  id: Id,
  name: TypedName,
  nonce: Nonce,
  device: DevicePublicKey,
  signature: Signature,
});
export const Password = z.string().min(1).max(callLimits.passwordCharacters);
export const Command = z.strictObject({ commandId: CommandId });
export const Group = z.object({ group: Id });
export const Ok = z.object({});
/** `settled: false`: acknowledged by one tracker only so far (trackers.md, "Settled creates"). */
export const Settled = z.object({ settled: z.boolean() });
/** What takes rights away says what it revoked: who asked for it keeps that until every tracker has it. */
export const Taking = Settled.extend({ revoked: z.array(SignedRevocation) });

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

export const ShareKey = z.strictObject({ group: Id, infoHash: InfoHashHex });
