import { PeerageError } from '@peerage/contract';
import { z } from 'zod';
import type { Held } from '../domain/join.ts';
import { replicationLimits } from '../limits.ts';
import { type KeptRow, type LoggedOp, textOf } from '../store/tables.ts';
import type { Op } from './op.ts';
import type { Told } from './replica-events.ts';
import { rowValues } from './row-values.ts';

/** The bodies of docs/spec/replication.md, "The link". An answer is a head and, behind a line feed, what it carries: the head is read where the link is, the rest where the store is. */

export const PULL_BYTES = replicationLimits.questionBytes;
export const ANSWER_BYTES = replicationLimits.answerBytes;
export const CARRIED_BYTES = replicationLimits.carriedBytes;
const MOST_KEY = 2_048;

const RANDOM = /^[0-9a-f]{16}$/;
const Random = z.string().regex(RANDOM);
const Count = z.int().nonnegative();
const VectorSchema = z.record(Random, Count);

const Key = z.string().max(MOST_KEY);
const Place = z.strictObject({ entity: z.enum(rowValues.entities), key: Key });

const Pull = z.strictObject({ node: Random, origin: Random, vector: VectorSchema, waitMs: Count, nowMs: Count });
const Head = z.strictObject({
  node: Random,
  origin: Random,
  vector: VectorSchema,
  answer: z.enum(['ops', 'snapshot']),
  replaces: z.boolean(),
  /** What it believes the time to be. */
  nowMs: Count,
});
const Metainfo = z.strictObject({
  group: z.string().regex(/^[0-9a-f]{32}$/),
  infoHash: z.string().regex(/^[0-9a-f]{40}$/),
});
const Rows = z.strictObject({ after: Place.nullable() });

export type PullBody = z.infer<typeof Pull>;
export type AnswerHead = z.infer<typeof Head>;

const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

export const encodePull = (told: Told, asks: { waitMs: number; nowMs: number }): Uint8Array =>
  text({ ...told, ...asks });
export const parsePull = (body: unknown): PullBody => parsed(Pull, body);

export const encodeRowsQuestion = (question: z.infer<typeof Rows>): Uint8Array => text(question);
export const parseRowsQuestion = (body: unknown): z.infer<typeof Rows> => parsed(Rows, body);

export const encodeMetainfoQuestion = (question: z.infer<typeof Metainfo>): Uint8Array => text(question);
export const parseMetainfoQuestion = (body: unknown): z.infer<typeof Metainfo> => parsed(Metainfo, body);

/** Values are text already: they go as they lie on disk. */
export const textOfOps = (ops: readonly LoggedOp[]): string =>
  ops
    .map(
      (op) => `["${op.origin}",${op.seq},${op.last},${op.hlc},"${op.entity}",${JSON.stringify(op.key)},${textOf(op)}]`,
    )
    .join(',');

export const encodeAnswer = (head: AnswerHead, ops: readonly LoggedOp[]): Uint8Array =>
  answerCarrying(head, textOfOps(ops));

/** `carried`: {@link textOfOps}. */
export const answerCarrying = (head: AnswerHead, carried: string): Uint8Array =>
  Buffer.from(`${JSON.stringify(head)}\n[${carried}]`);

/** The head of an answer, and where what it carries begins. */
export function parseHead(answer: Buffer): { head: AnswerHead; carried: Buffer } {
  const end = answer.indexOf('\n');
  if (end < 0) throw broken('an answer has no head');
  return { head: parsed(Head, fromJson(answer.subarray(0, end))), carried: answer.subarray(end + 1) };
}

// Ops and rows come by the hundred thousand: what all of them have is looked at by hand, in a tenth of the time that a schema takes.
const isRandom = (value: unknown): value is string => typeof value === 'string' && RANDOM.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isKey = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_KEY;

function tuple(row: unknown, length: number): readonly unknown[] {
  if (Array.isArray(row) && row.length === length) return row;
  throw broken('what it carries is not as it should be');
}

export function parseOps(carried: Uint8Array): Op[] {
  const rows = fromJson(Buffer.from(carried.buffer, carried.byteOffset, carried.byteLength));
  if (!Array.isArray(rows)) throw broken('an answer carries no list of ops');
  return rows.map((row) => {
    const [origin, seq, last, hlc, entity, key, value] = tuple(row, 7);
    const counts = isCount(seq) && isCount(last) && isCount(hlc);
    if (!counts || !isRandom(origin) || !isKey(key)) throw broken('an op is not as it should be');
    const of = rowValues.parse(entity, value);
    return { origin, seq, last, hlc, entity: of.entity, key, value: of.value };
  });
}

export function encodeRows(page: { readonly rows: readonly KeptRow[]; readonly more: boolean }): Uint8Array {
  const rows = page.rows.map(
    (row) =>
      `["${row.entity}",${JSON.stringify(row.key)},${textOf(row)},${row.stamp.hlc},"${row.stamp.origin}",${row.stamp.seq}]`,
  );
  return Buffer.from(`{"rows":[${rows.join(',')}],"more":${page.more}}`);
}

export function parseRows(carried: Uint8Array): { rows: Held[]; more: boolean } {
  const body = fromJson(Buffer.from(carried.buffer, carried.byteOffset, carried.byteLength));
  const { rows, more } = parsed(z.strictObject({ rows: z.array(z.unknown()), more: z.boolean() }), body);
  const held = rows.map((row) => {
    const [entity, key, value, hlc, origin, seq] = tuple(row, 6);
    const stamped = isCount(hlc) && isCount(seq) && isRandom(origin);
    if (!stamped || !isKey(key)) throw broken('a row is not as it should be');
    const of = rowValues.parse(entity, value);
    return { entity: of.entity, key, value: of.value, stamp: { hlc, origin, seq } };
  });
  if (more && held.length === 0) throw broken('a snapshot stands still');
  return { rows: held, more };
}

function fromJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw broken('what it carries is no JSON');
  }
}

export function parsed<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw broken(`${path.join('.')}: ${message}`);
}

const broken = (why: string): PeerageError =>
  new PeerageError('protocol', `another tracker sent what is not allowed: ${why}`);
