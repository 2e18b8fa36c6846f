import { z } from 'zod';

/** User and group ids as people type them: 1-64 ASCII letters, digits, `.`, `_`, `-`, beginning with a letter or digit; unique ignoring case. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A user's or group's name as it is shown. A loser of a name race appears as `name~<4 hex>` (trackers.md), so answers may carry that form. */
export const ShownName = z.string().min(1).max(80);

const hex = (bytes: number, what: string) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${what} is ${bytes * 2} lower-case hex digits`);

/** Internal ids: first 16 bytes of SHA-256 over what names the creation (ids.ts). */
export const Id = hex(16, 'an id');
/** Random, made by the client for one mutating command; a retry carries the same one. */
export const CommandId = hex(16, 'a command id');
/** SHA-1 of the canonical info dictionary (BEP 3). */
export const InfoHashHex = hex(20, 'an info-hash');
export const Sha1Hex = hex(20, 'a SHA-1');
/** Raw Ed25519 public key of a device. */
export const DevicePublicKey = hex(32, 'a device key');
export const Signature = hex(64, 'a signature');
/** SHA-256 of a tracker's public key (SPKI, DER). */
export const TrackerPin = hex(32, 'a pin');
export const Nonce = hex(16, 'a nonce');
/** Secret of a group, known to its members: names the group on peer links (ids.ts). */
export const LabelKey = hex(32, 'a label key');
/** Milliseconds since 1970, tracker time. */
export const TimeMs = z.number().int().nonnegative();
/** An id whose certificates are refused from now on, whoever issued them and whenever. */
export const Revoked = z.object({ kind: z.enum(['application', 'login', 'device']), id: Id });
export type Revoked = z.infer<typeof Revoked>;
/** The same with a tracker's word for it, which anybody may pass on (certificates/revocation.ts). `issuer`: whose key signed. */
export const SignedRevocation = Revoked.extend({ atMs: TimeMs.max(2 ** 42 - 1), issuer: Id, signature: Signature });
export type SignedRevocation = z.infer<typeof SignedRevocation>;
/** A certificate: DER, base64. */
export const DerBase64 = z.base64().max(16 * 1024);
export const SizeBytes = z.number().int().nonnegative();
/** `listed`: shared what nobody shared; `shared`: one more who has all of it; `stopped`: a member offers it no more; `owns`: is the owner now. */
export const GroupActivity = z.enum([
  'asked',
  'joined',
  'rejected',
  'left',
  'removed',
  'owns',
  'listed',
  'shared',
  'stopped',
]);
export type GroupActivity = z.infer<typeof GroupActivity>;

export const Standing = z.enum(['owner', 'member', 'pending', 'none']);
export type Standing = z.infer<typeof Standing>;
