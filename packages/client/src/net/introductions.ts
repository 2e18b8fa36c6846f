import {
  type ExtensionHandshake,
  encodeExtensionHandshake,
  encodeHandshake,
  type Handshake,
  type InfoHash,
  PIECE_BYTES,
} from '@peerage/bittorrent';
import type { RefusalCode } from './refusal.ts';
import type { ByteConnection, Member } from './transport.ts';

/** Who we are on the wire. */
export interface WireIdentity {
  readonly self: Member;
  readonly peerId: Uint8Array;
  readonly listenPort: number | undefined;
}

export const REVOCATIONS = 'peerage_revocations';
/** Under which we want that message. */
export const REVOCATIONS_ID = 1;

const DEVICE_BYTES = 16;

const claimableUser = /^[\x21-\x7e]{1,80}$/;

export const ownHandshake = ({ peerId }: WireIdentity, infoHash: InfoHash): Uint8Array =>
  encodeHandshake({ infoHash, peerId, fast: true, extended: true });

/** `isProven`: the transport has proven who the other side is. */
export function ownExtensionHandshake({ self, listenPort }: WireIdentity, isProven: boolean): Uint8Array {
  return encodeExtensionHandshake({
    messageIds: new Map(isProven ? [[REVOCATIONS, REVOCATIONS_ID]] : []),
    client: 'Peerage',
    ...(listenPort === undefined ? {} : { listenPort }),
    mostBlockBytes: PIECE_BYTES,
    device: self.device,
    user: self.user,
  });
}

interface Objection {
  readonly reason: string;
  /** Where the transport's proof does not fit what is asked for. */
  readonly refusal?: RefusalCode;
}

/** What is wrong with the other side's handshake on a connection for a share of that group; undefined: nothing. */
export function objectionTo(
  handshake: Handshake,
  group: string,
  { member, takesStrangers }: Pick<ByteConnection, 'member' | 'takesStrangers'>,
  identity: WireIdentity,
): Objection | undefined {
  if (member !== undefined && member.group !== group)
    return { reason: 'a share of another group than the certificate', refusal: 'wrong_share' };
  if (Buffer.compare(handshake.peerId, identity.peerId) === 0) return { reason: 'a connection to ourselves' };
  if (!handshake.extended && member === undefined && !takesStrangers)
    return { reason: 'the other side does not say which device it is' };
  return undefined;
}

/** Who somebody claims to be, where the transport proves nothing; undefined: nobody that can be told apart. */
export function claimedBy({ device, user }: Pick<ExtensionHandshake, 'device' | 'user'>): Member | undefined {
  return device === undefined || user === undefined || !claimableUser.test(user) ? undefined : { device, user };
}

/** The device of somebody who says none: the random part of his peer id stands for it. */
export const deviceOfStranger = (peerId: Uint8Array): string =>
  Buffer.from(peerId).subarray(-DEVICE_BYTES).toString('hex');
