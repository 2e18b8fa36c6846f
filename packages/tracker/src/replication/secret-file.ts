import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync } from 'node:fs';
import { PeerageError } from '@peerage/contract';
import { z } from 'zod';
import { readIfThere, writeWhole } from '../tls/key-file.ts';
import type { ClusterSecret } from './cluster.ts';

const FORMAT = 1;
const MOST_SECRETS = 2;

const SecretFile = z.object({
  format: z.literal(FORMAT),
  cluster: z.hex().length(32),
  /** Where its trackers were, for those on one machine that look for it. */
  addresses: z.array(z.string().max(300)).max(16),
  secrets: z
    .array(z.object({ key: z.hex().length(64), madeAtMs: z.int() }))
    .min(1)
    .max(MOST_SECRETS),
});

/** What the trackers of one cluster have in common and nobody else: a file of mode 0600. The first secret proves, all are accepted. */
export type SecretFile = z.infer<typeof SecretFile>;

const newSecret = () => ({ key: randomBytes(32).toString('hex'), madeAtMs: Date.now() });

export const newSecretFile = (cluster = randomBytes(16).toString('hex')): SecretFile => ({
  format: FORMAT,
  cluster,
  addresses: [],
  secrets: [newSecret()],
});

/** Undefined where there is none. Throws `path_not_readable`, `newer_format`. */
export function readSecretFile(path: string): SecretFile | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  chmodSync(path, 0o600);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw notOne(path);
  }
  const format = (data as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > FORMAT) {
    throw new PeerageError('newer_format', `${path} has format ${format}, this peerage knows up to ${FORMAT}`);
  }
  const parsed = SecretFile.safeParse(data);
  if (!parsed.success) throw notOne(path);
  return parsed.data;
}

export const writeSecretFile = (path: string, file: SecretFile): void =>
  writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);

export const secretsOf = ({ secrets }: SecretFile): ClusterSecret[] =>
  secrets.map(({ key }) => ({ id: secretId(key), key: Buffer.from(key, 'hex') }));

const secretId = (key: string): string =>
  createHash('sha256').update('peerage-secret-id-v1\0').update(Buffer.from(key, 'hex')).digest('hex').slice(0, 16);

const notOne = (path: string) =>
  new PeerageError('path_not_readable', `${path} holds no cluster secret: make one with peerage tracker keygen`);

export type KeygenStep = 'new' | 'next' | 'drop';

/**
 * Makes a secret, or exchanges one in three steps, each done on all trackers before the next one: `next` adds one that is accepted; `next` again proves with it, the old one
 * being accepted; `drop` ends the old one. Returns what to tell the operator.
 */
export function keygen(path: string, step: KeygenStep): string {
  if (step === 'new') {
    if (existsSync(path)) {
      throw new PeerageError(
        'destination_exists',
        `${path} exists: change its secret with --next, or name another file`,
      );
    }
    writeSecretFile(path, newSecretFile());
    return `${path} holds a new cluster secret: copy it to every tracker's machine, and start each with --secret <file>`;
  }
  const file = readSecretFile(path);
  if (!file) throw new PeerageError('path_not_found', `there is no file ${path}: make it without --${step}`);
  const [first, second] = file.secrets;
  if (step === 'drop') {
    if (!second) throw new PeerageError('usage', `${path} holds one secret: add the next one with --next first`);
    const younger = second.madeAtMs >= first!.madeAtMs ? second : first!;
    writeSecretFile(path, { ...file, secrets: [younger] });
    return `the older secret of ${path} counts no more: do the same to the file of every tracker`;
  }
  if (!second) {
    writeSecretFile(path, { ...file, secrets: [first!, newSecret()] });
    return `the next secret of ${path} is accepted from now on: copy the file to every tracker's machine, then --next again`;
  }
  if (second.madeAtMs < first!.madeAtMs) {
    throw new PeerageError('usage', `${path} proves with its younger secret already: end the older one with --drop`);
  }
  writeSecretFile(path, { ...file, secrets: [second, first!] });
  return `the next secret of ${path} proves from now on: copy the file to every tracker's machine, then --drop`;
}
