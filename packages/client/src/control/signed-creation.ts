import { createHash, randomBytes } from 'node:crypto';
import { createStatement, type IdKind, idPreimage } from '@peerage/contract';
import type { DeviceKey } from '../library/identities.ts';

/** An id bound to this device's key, and the signature that proves it (contract, ids.ts). */
export function signedCreation(kind: IdKind, name: string, key: DeviceKey) {
  const nonce = randomBytes(16);
  const device = Buffer.from(key.publicKey, 'hex');
  const id = createHash('sha256')
    .update(idPreimage(kind, device, nonce, name))
    .digest()
    .subarray(0, 16);
  const signature = key.sign(createStatement(kind, id, nonce, name));
  return {
    id: id.toString('hex'),
    name,
    nonce: nonce.toString('hex'),
    device: key.publicKey,
    signature: Buffer.from(signature).toString('hex'),
  };
}
