import { Refusal, type RefusalCode } from './refusal.ts';
import type { NetAddress } from './transport.ts';

/** How the last try of an address failed. */
export interface DialFailure {
  /** "host:port", and what happened there. */
  readonly words: string;
  /** Who was meant may well be there: the way is open, the membership that was shown is not. */
  readonly ofMembership: boolean;
}

/** `error`: undefined where both ends were reached, and their handshake went wrong. */
export function dialFailure({ host, port }: NetAddress, error: unknown): DialFailure {
  const shown = error instanceof Refusal ? memberships[error.code] : undefined;
  return { words: `${host}:${port} ${shown ?? otherWords(error)}`, ofMembership: shown !== undefined };
}

const takenAway = 'shows a membership that was taken away';
const ofNoTracker = 'shows a membership that none of your trackers gives';
const memberships: Readonly<Partial<Record<RefusalCode, string>>> = {
  expired: 'shows a membership that has ended',
  not_yet_valid: 'shows a membership that is not valid yet',
  revoked_application: takenAway,
  revoked_login: takenAway,
  revoked_device: takenAway,
  unknown_issuer: ofNoTracker,
  retired_issuer: ofNoTracker,
  // A member without a valid certificate of the group answers with one that is nobody's (`decoy.ts`).
  wrong_group: 'shows no membership of the group',
};

const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses',
  EHOSTUNREACH: 'has no way to it',
  ENETUNREACH: 'has no way to it',
};

function otherWords(error: unknown): string {
  if (error instanceof Refusal) return 'is somebody else';
  if (!(error instanceof Error)) return 'ends the handshake';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return networkWords[code] ?? 'does not answer';
}
