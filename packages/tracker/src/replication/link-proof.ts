import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ClusterSecret } from './cluster.ts';

/** What shows that a request or an answer comes from a tracker of the cluster, on this connection (docs/spec/replication.md, "The link"). */
export const LINK_HEADER = 'x-peerage-link';
const EXPORTER = 'EXPORTER-peerage-link';
const EXPORTED_BYTES = 32;

export interface LinkEnds {
  readonly role: 'request' | 'answer';
  /** Places in the tracker file. */
  readonly from: number;
  readonly to: number;
}

const exportedFor = new WeakMap<TLSSocket, Buffer>();

/** What both ends of this connection have in common, and no other connection. */
export function exportedOf(socket: TLSSocket): Buffer {
  let exported = exportedFor.get(socket);
  if (!exported) {
    exported = socket.exportKeyingMaterial(EXPORTED_BYTES, EXPORTER, Buffer.alloc(0));
    exportedFor.set(socket, exported);
  }
  return exported;
}

/** SHA-256 of the public key (SPKI, DER) that the other end showed, as hex; known while the connection is new. */
export const pinShownOn = (socket: TLSSocket): string =>
  createHash('sha256')
    .update(socket.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');

export const proofOf = (secret: ClusterSecret, ends: LinkEnds, exported: Buffer): string =>
  `${secret.id} ${ends.from} ${macOf(secret, ends, exported).toString('hex')}`;

const PROOF = /^([0-9a-f]{16}) (\d{1,3}) ([0-9a-f]{64})$/;

/** Whose proof it is: a number of the file; undefined for a wrong one. */
export function senderOf(
  proof: unknown,
  secrets: readonly ClusterSecret[],
  { role, to }: Pick<LinkEnds, 'role' | 'to'>,
  exported: Buffer,
): number | undefined {
  const [, id, digits, mac] = PROOF.exec(typeof proof === 'string' ? proof : '') ?? [];
  const secret = secrets.find((known) => known.id === id);
  if (!secret || mac === undefined) return undefined;
  const from = Number(digits);
  const right = macOf(secret, { role, from, to }, exported);
  return timingSafeEqual(right, Buffer.from(mac, 'hex')) ? from : undefined;
}

interface Made extends LinkEnds {
  readonly key: Uint8Array;
  readonly mac: Buffer;
}

/** The last of each connection: its two ends say the same with each of thousands of calls. */
const lastMade = new WeakMap<Buffer, Made[]>();
const MOST_KEPT = 2;

function macOf({ key }: ClusterSecret, { role, from, to }: LinkEnds, exported: Buffer): Buffer {
  const made = lastMade.get(exported) ?? [];
  const known = made.find((one) => one.key === key && one.role === role && one.from === from && one.to === to);
  if (known) return known.mac;
  const mac = createHmac('sha256', key)
    .update(`peerage-link-v1\0${role}\0`)
    .update(Buffer.from([from, to]))
    .update(exported)
    .digest();
  lastMade.set(exported, [{ key, role, from, to, mac }, ...made.slice(0, MOST_KEPT - 1)]);
  return mac;
}
