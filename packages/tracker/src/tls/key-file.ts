import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { PeerageError } from '@peerage/contract';

/** The Ed25519 key in a file (PKCS#8 PEM, mode 0600), made where there is none. Throws `path_not_readable` for anything else. */
export function keyInFile(path: string): KeyObject {
  const pem = readIfThere(path);
  if (pem === undefined) return newKeyIn(path);
  chmodSync(path, 0o600);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // told below, with what to do
  }
  throw new PeerageError(
    'path_not_readable',
    `${path} holds no Ed25519 key: put the right file back, or remove it to start with a new key`,
  );
}

/** The public key as certificates carry it: DER of SubjectPublicKeyInfo. */
export const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

/** The raw public key, as hex. */
export const rawKeyOf = (key: KeyObject): string =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');

function newKeyIn(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

/** Writes a file of mode 0600 that is whole or not there, also after a power cut. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.part`;
  const file = openSync(partial, 'w', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(partial, path);
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new PeerageError('path_not_readable', `${path} can not be read: ${message}`);
  }
}
