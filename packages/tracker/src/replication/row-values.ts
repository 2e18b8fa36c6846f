import { KeyHandOver, PeerageError } from '@peerage/contract';
import { z } from 'zod';
import { type Entities, type Entity, replicated } from '../domain/entities.ts';

const Hlc = z.int().nonnegative();
const Text = z.string().max(4_096);
const Id = z.string().regex(/^[0-9a-f]{32}$/);
const Hex = z
  .string()
  .regex(/^[0-9a-f]*$/)
  .max(256);
const Claim = z.strictObject({ claimedAt: Hlc, settled: z.boolean() });
const Creation = z.strictObject({ name: Text, device: Hex, nonce: Hex, signature: Hex });

type ReplicatedValues = { readonly [E in Entity]?: z.ZodType<Entities[E]> };

/** What a row of another tracker may say. */
const schemas = {
  user_name: Claim,
  user: z.strictObject({ creation: Creation, name: Text, renamedAt: Hlc }),
  credential: z.strictObject({ hash: Text, epoch: Text, changedAt: Hlc }),
  device: z.strictObject({ publicKey: Hex, label: Text, addedAt: Hlc, revoked: z.boolean() }),
  login: z.strictObject({ id: Hex, epoch: Text, on: z.boolean(), at: Hlc }),
  group_name: Claim,
  group: z.strictObject({ creation: Creation, name: Text, renamedAt: Hlc, creator: Id }),
  preferred_owner: z.strictObject({ uid: Id, at: Hlc }),
  application: z.strictObject({
    state: z.enum(['pending', 'member', 'left', 'rejected', 'removed']),
    application: Hlc,
    applicationId: Hex,
    since: Hlc,
    decidedBy: Id.nullable(),
    refusals: z.int().nonnegative(),
  }),
  content: z.strictObject({
    name: Text,
    sizeBytes: Hlc,
    pieces: Hlc,
    sha1: Hex,
    files: Hlc.exactOptional(),
    by: Id,
    addedAt: Hlc,
  }),
  intent: z.strictObject({ since: Hlc }),
  group_label: z.strictObject({ key: Hex }),
  issuer: z.strictObject({
    certificate: z.string().max(16_384),
    tracker: z.int().positive(),
    retired: z.boolean(),
  }),
  issuer_end: z.strictObject({ lastAt: Hlc }),
  tracker_key: KeyHandOver,
  revocation: z.strictObject({ at: Hlc }),
  command: z.strictObject({ route: Text, bodyHash: Hex, result: z.unknown(), at: Hlc }),
} as const satisfies ReplicatedValues;

type ReplicatedEntity = keyof typeof schemas;

/** Entities whose rows end by a tombstone; of the others none ever ends. */
const ending: ReadonlySet<string> = new Set<ReplicatedEntity>(['intent']);

const isReplicated = (entity: unknown): entity is ReplicatedEntity =>
  typeof entity === 'string' && Object.hasOwn(schemas, entity);

export const rowValues = {
  entities: Object.keys(schemas) as [ReplicatedEntity, ...ReplicatedEntity[]],

  /** A row's entity and value, as they may come from another tracker. Throws `protocol`. */
  parse(entity: unknown, value: unknown): { readonly entity: Entity; readonly value: Entities[Entity] | null } {
    if (!isReplicated(entity) || !replicated[entity]) throw unknown(`rows of ${String(entity).slice(0, 40)}`);
    if (value === null && ending.has(entity)) return { entity, value };
    const result = schemas[entity].safeParse(value);
    if (result.success) return { entity, value: result.data };
    throw unknown(`a ${entity} whose ${result.error.issues[0]?.path.join('.')} is not as it should be`);
  },
};

const unknown = (what: string): PeerageError =>
  new PeerageError('protocol', `another tracker sent what is not allowed: ${what}`);
