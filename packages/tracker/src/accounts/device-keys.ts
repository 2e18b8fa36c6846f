import { createPublicKey, hash, verify } from 'node:crypto';
import {
  type Channel,
  createStatement,
  devicePreimage,
  deviceStatement,
  type IdKind,
  idPreimage,
  loginStatement,
  PeerageError,
} from '@peerage/contract';
import type { Creation } from '../domain/entities.ts';

const ID_BYTES = 16;

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const idOf = (preimage: Uint8Array): string => hash('sha256', preimage).slice(0, ID_BYTES * 2);

/** Whether an id was made, and signed, by the device that the creation names. */
export function isOwnCreation(kind: IdKind, id: string, { creation }: { readonly creation: Creation }): boolean {
  const { name, device, nonce, signature } = creation;
  const made = idOf(idPreimage(kind, bytes(device), bytes(nonce), name));
  return made === id && isSignedBy(device, createStatement(kind, bytes(id), bytes(nonce), name), signature);
}

/** A device's id, which hangs on its user (contract, ids.ts). */
export const deviceId = (uid: string, publicKey: string): string => idOf(devicePreimage(bytes(uid), bytes(publicKey)));

/** Refuses an id that was not made, and signed, by that device for that name: nobody can make a thing under another's id. */
export function requireOwnCreation(kind: IdKind, id: string, creation: Creation): void {
  if (isOwnCreation(kind, id, { creation })) return;
  throw new PeerageError('protocol', `the id of the ${kind} was not made and signed by the device that sent it`);
}

/** The id of what a command makes: bound to its user, so that nobody can take another's id, and then have it revoked. */
export const effectId = (uid: string, commandId: string): string =>
  idOf(Buffer.concat([Buffer.from('peerage-id-v1\0effect\0'), bytes(uid), bytes(commandId)]));

export interface DeviceLogin {
  readonly uid: string;
  readonly publicKey: string;
  readonly challenge: string;
  readonly signature: string;
}

/** Whether the device signed that challenge for a login over this very connection to this tracker. */
export function isLoginSigned({ uid, publicKey, challenge, signature }: DeviceLogin, channel: Channel): boolean {
  return isSignedBy(publicKey, loginStatement(bytes(challenge), channel, bytes(uid), bytes(publicKey)), signature);
}

/** Refuses a device that does not show, for this very connection to this tracker, that it has the key it names. */
export function requireDeviceKey(publicKey: string, proof: string, channel: Channel): void {
  if (isSignedBy(publicKey, deviceStatement(channel, bytes(publicKey)), proof)) return;
  throw new PeerageError('protocol', 'the login was not signed by the key of its device for this connection');
}

function isSignedBy(publicKey: string, statement: Uint8Array, signature: string): boolean {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes(publicKey).toString('base64url') };
    return verify(null, statement, createPublicKey({ key: jwk, format: 'jwk' }), bytes(signature));
  } catch {
    return false; // 32 bytes that are no point of the curve sign nothing
  }
}
