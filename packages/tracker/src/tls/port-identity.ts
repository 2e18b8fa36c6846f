import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { handOverLimits, handOverStatement, type KeyHandOver } from '@peerage/contract';
import { keyInFile, rawKeyOf, readIfThere, spkiOf, writeWhole } from './key-file.ts';

/** What the tracker's port shows to everybody who connects. */
export interface PortIdentity {
  readonly key: KeyObject;
  /** PEM, self-signed: clients look at its key only, and at the hand-overs that led to it. */
  readonly certificate: string;
  /** SHA-256 of the public key (SPKI, DER): 32 bytes. */
  readonly pin: Buffer;
}

/** The hand-overs that count now, of all trackers, the oldest first. */
export type RecentHandOvers = () => Promise<readonly KeyHandOver[]>;

const none: RecentHandOvers = async () => [];

/** The identity kept in a data folder, made at the first start. */
export async function portIdentityIn(dataDir: string, recent: RecentHandOvers = none): Promise<PortIdentity> {
  const key = keyInFile(join(dataDir, 'tls-key.pem'));
  const path = join(dataDir, 'tls-certificate.pem');
  const kept = readIfThere(path);
  if (kept !== undefined && isOf(kept, spkiOf(key))) return identityOf(key, kept);
  const certificate = await certificateOf(key, await recent());
  writeWhole(path, certificate);
  return identityOf(key, certificate);
}

/**
 * A new key for the port, signed by the present one. `note` is to make the hand-over durable; the new key is in the data folder, and valid at the next
 * start, before this resolves. A crash in between leaves the old key or the new one, with all that a client needs to follow.
 */
export async function renewPortIdentity(
  dataDir: string,
  present: PortIdentity,
  nowMs: number,
  note: (pin: string, handOver: KeyHandOver) => Promise<readonly KeyHandOver[]>,
): Promise<PortIdentity> {
  const nextPath = join(dataDir, 'tls-key-next.pem');
  const certificatePath = join(dataDir, 'tls-certificate.pem');
  if (existsSync(nextPath)) rmSync(nextPath); // of an attempt that came to nothing
  const key = keyInFile(nextPath);
  const unsigned = { from: rawKeyOf(present.key), to: rawKeyOf(key), atMs: nowMs };
  const signature = sign(null, handOverStatement(unsigned), present.key).toString('hex');
  const recent = await note(pinOf(key).toString('hex'), { ...unsigned, signature });
  const certificate = await certificateOf(key, recent);
  renameSync(nextPath, join(dataDir, 'tls-key.pem'));
  writeWhole(certificatePath, certificate); // one of another key is made anew at the start, from the rows
  return identityOf(key, certificate);
}

const pinOf = (key: KeyObject): Buffer => createHash('sha256').update(spkiOf(key)).digest();
const identityOf = (key: KeyObject, certificate: string): PortIdentity => ({ key, certificate, pin: pinOf(key) });

async function certificateOf(key: KeyObject, recent: readonly KeyHandOver[]): Promise<string> {
  const { makePortCertificate } = await import('../certificates/make-certificates.ts');
  return makePortCertificate(key, Date.now(), leadingTo(rawKeyOf(key), recent));
}

/** Those that lead to a key, one after another, the oldest first. */
function leadingTo(key: string, recent: readonly KeyHandOver[]): KeyHandOver[] {
  const chain: KeyHandOver[] = [];
  for (const handOver of [...recent].reverse()) {
    if (handOver.to !== (chain[0]?.from ?? key)) continue;
    chain.unshift(handOver);
    if (chain.length === handOverLimits.inCertificate) break;
  }
  return chain;
}

function isOf(certificate: string, spki: Buffer): boolean {
  try {
    return spki.equals(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
  } catch {
    return false; // no certificate: a new one is made for the key
  }
}
