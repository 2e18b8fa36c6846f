import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { PeerageError, type TrackerLine } from '@peerage/contract';
import { z } from 'zod';
import { readIfThere, writeWhole } from '../tls/key-file.ts';
import type { Cluster, ClusterSecret } from './cluster.ts';
import { readSecretFile, secretsOf } from './secret-file.ts';
import { areLocal, localSecretPath } from './secret-lookup.ts';

const FORMAT = 1;
const OwnCluster = z.object({
  format: z.literal(FORMAT),
  cluster: z.hex().length(32),
  /** Made by a tracker that was alone: it may still join another one. */
  alone: z.boolean(),
  address: z.string(),
});
type OwnCluster = z.infer<typeof OwnCluster>;

export interface FoundCluster {
  /** Undefined for a tracker that is listed alone. */
  readonly cluster: Cluster | undefined;
  /** Sentences for the operator. */
  readonly notices: readonly string[];
}

/**
 * Finds what a tracker belongs to, and keeps it in its data folder (`cluster.json`): the cluster's id, and the address that it had. Throws `usage` where the data folder is
 * another cluster's than the secret.
 */
export function findCluster(tracker: {
  readonly number: number;
  readonly trackers: readonly TrackerLine[];
  readonly dataDir: string;
  /** `--secret`; left out: looked for. */
  readonly secretPath: string | undefined;
}): FoundCluster {
  const { number, trackers, dataDir } = tracker;
  const path = join(dataDir, 'cluster.json');
  const known = readOwn(path);
  const { address } = trackers[number - 1]!;
  const isAlone = trackers.length === 1;
  const notices: string[] = [];
  if (known && known.address !== address) {
    notices.push(`tracker ${number} was at ${known.address}, the tracker file says ${address}: clients need that file`);
  }
  const settledId = known?.alone === false ? known.cluster : undefined;
  const secretPath =
    tracker.secretPath ?? (!isAlone && areLocal(trackers) ? localSecretPath(trackers, settledId) : undefined);
  const secret = secretPath === undefined ? undefined : readSecretFile(secretPath);
  if (tracker.secretPath !== undefined && !secret) {
    throw new PeerageError(
      'path_not_found',
      `there is no secret ${tracker.secretPath}: peerage tracker keygen makes one`,
    );
  }
  if (settledId !== undefined && secret && secret.cluster !== settledId) {
    throw new PeerageError(
      'usage',
      `the data folder ${dataDir} belongs to another cluster than the secret ${secretPath}: give the right --data or --secret`,
    );
  }
  if (!isAlone && !secret) {
    notices.push(
      `tracker ${number} does not replicate: the trackers are not all on this machine, so they need a secret; make one with 'peerage tracker keygen <file>' and start each with --secret <file>`,
    );
  }
  const cluster = secret?.cluster ?? known?.cluster ?? randomBytes(16).toString('hex');
  writeOwn(path, { format: FORMAT, cluster, alone: settledId === undefined && secret === undefined, address });
  if (isAlone) return { cluster: undefined, notices };
  const secrets = secretPath === undefined ? () => [] : freshSecrets(secretPath);
  return {
    cluster: {
      number,
      trackers,
      get secrets() {
        return secrets();
      },
    },
    notices,
  };
}

const LOOK_AGAIN_MS = 1_000;

/** The secrets as the file has them now: exchanging one needs no restart. A file that can't be read leaves those of before. */
function freshSecrets(path: string): () => readonly ClusterSecret[] {
  let [readAtMs, changedAtMs, secrets] = [Number.NEGATIVE_INFINITY, Number.NaN, [] as readonly ClusterSecret[]];
  return () => {
    const nowMs = performance.now();
    if (nowMs - readAtMs < LOOK_AGAIN_MS) return secrets;
    readAtMs = nowMs;
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined || mtimeMs === changedAtMs) return secrets;
    try {
      const file = readSecretFile(path);
      if (file) secrets = secretsOf(file);
      changedAtMs = mtimeMs;
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error; // half copied: looked at again
    }
    return secrets;
  };
}

function readOwn(path: string): OwnCluster | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const damaged = () =>
    new PeerageError('path_not_readable', `${path} does not say which cluster this folder belongs to: put it back`);
  try {
    const data = OwnCluster.safeParse(JSON.parse(text));
    if (data.success) return data.data;
  } catch {
    throw damaged();
  }
  throw damaged();
}

function writeOwn(path: string, own: OwnCluster): void {
  const text = `${JSON.stringify(own, null, 2)}\n`;
  if (readIfThere(path) !== text) writeWhole(path, text);
}
