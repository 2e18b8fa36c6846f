/** What of the contract needs no schema: the engine's threads start without zod and the schemas, which take longer to load than all of their own. */
export {
  type CertifiedMembership,
  encodeMembership,
  MEMBERSHIP_OID,
  parseMembership,
} from './certificates/membership.ts';
export { encodeRevocations, parseRevocations, revocationStatement } from './certificates/revocation.ts';
export { PeerageError } from './errors/peerage-error.ts';
export type { ErrorCode } from './errors/table.ts';
export { peerNameStatement } from './ids.ts';
export type { Revoked, SignedRevocation } from './values.ts';
