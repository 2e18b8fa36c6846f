import { fromBase64url, toBase64url } from './base64url.ts';
import { PeerageError } from './errors/peerage-error.ts';
import { joined } from './joined.ts';
import { parseTrackerList, type TrackerLine } from './tracker-list.ts';
import { Id } from './values.ts';

/** Where a group is: what somebody needs to ask for membership, and nothing secret. */
export interface Invitation {
  readonly group: string;
  /** The group's id: a later group of the same name is another one. */
  readonly gid: string;
  readonly trackers: readonly Pick<TrackerLine, 'address' | 'pin'>[];
}

/** Computes SHA-256; this package has no hash of its own. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

const PREFIX = 'peerage1:';
export const invitationLimits = { characters: 2048 } as const;
const CHECKSUM_BYTES = 4;
const GROUP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(~[0-9a-f]{4})?$/;

/**
 * One line: `peerage1:` and base64url of the payload with the first 4 bytes of its SHA-256 behind it. The payload is UTF-8 text: the
 * group's name, its id, and a tracker file, each on lines of their own. At most 2 KiB, else `limit`.
 */
export function encodeInvitation({ group, gid, trackers }: Invitation, sha256: Sha256): string {
  const lines = trackers.map(({ address, pin }) => (pin === null ? address : `${address} sha256:${pin}`));
  const payload = new TextEncoder().encode([group, gid, ...lines].join('\n'));
  const checksum = sha256(payload).subarray(0, CHECKSUM_BYTES);
  const line = `${PREFIX}${toBase64url(joined([payload, checksum]))}`;
  if (line.length <= invitationLimits.characters) return line;
  throw new PeerageError(
    'limit',
    `an invitation with ${trackers.length} trackers is longer than ${invitationLimits.characters} characters: give the tracker file and the group's name instead`,
  );
}

/** Throws `usage` with what is wrong: invitations come from anywhere, often by way of a chat that broke them. */
export function parseInvitation(line: string, sha256: Sha256): Invitation {
  const text = line.length <= 2 * invitationLimits.characters ? line.trim() : line;
  if (!text.startsWith(PREFIX)) throw refusal(`an invitation begins with ${PREFIX}`);
  if (text.length > invitationLimits.characters)
    throw refusal(`an invitation has at most ${invitationLimits.characters} characters`);
  const whole = fromBase64url(text.slice(PREFIX.length));
  const broken = () => refusal('the invitation is not whole: copy all of it, in one line');
  if (whole === undefined || whole.length <= CHECKSUM_BYTES) throw broken();
  const payload = whole.subarray(0, -CHECKSUM_BYTES);
  const sum = sha256(payload);
  if (!whole.subarray(-CHECKSUM_BYTES).every((byte, at) => byte === sum[at])) throw broken();
  return parsePayload(payload);
}

function parsePayload(payload: Uint8Array): Invitation {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    throw refusal('the invitation holds something that is no text');
  }
  const [group = '', gid = '', ...trackers] = text.split('\n');
  if (!GROUP.test(group) || !Id.safeParse(gid).success) throw refusal('the invitation names no group');
  return { group, gid, trackers: parseTrackerList(trackers.join('\n'), 'the invitation') };
}

const refusal = (what: string) => new PeerageError('usage', what);
