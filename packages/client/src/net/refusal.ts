/** Why a connection is not let in, or cut off: what logs and counters name. The other side is told nothing. */
export type RefusalCode =
  | 'too_many_handshakes'
  | 'bad_handshake'
  | 'not_a_peer'
  | 'unknown_name'
  | 'no_certificate'
  | 'malformed_certificate'
  | 'bad_proof'
  | 'unknown_issuer'
  | 'retired_issuer'
  | 'expired'
  | 'not_yet_valid'
  | 'revoked_application'
  | 'revoked_login'
  | 'revoked_device'
  | 'bad_revocation'
  | 'no_membership'
  | 'resumed_session'
  | 'wrong_group'
  | 'wrong_device'
  | 'wrong_share';

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whoever took the connection is no member of anything: it may be a victim whose address somebody gave as his own. */
export const isStranger = (error: unknown): boolean =>
  error instanceof Refusal &&
  (error.code === 'no_certificate' || error.code === 'malformed_certificate' || error.code === 'not_a_peer');
