import { PeerageError } from '@peerage/contract';
import type { Op } from '../../../packages/tracker/src/replication/op.ts';
import { parseSoft } from '../../../packages/tracker/src/replication/soft-state.ts';
import {
  encodeAnswer,
  encodeMetainfoQuestion,
  encodePull,
  encodeRows,
  encodeRowsQuestion,
  parseHead,
  parseMetainfoQuestion,
  parseOps,
  parsePull,
  parseRows,
  parseRowsQuestion,
} from '../../../packages/tracker/src/replication/wire.ts';
import { accepted, attempt, type Decoder, demand, type Outcome, refused } from '../decoder.ts';
import { mutateJson } from '../mutation/json.ts';

/** What one tracker takes from another (docs/spec/replication.md, "The link"). */

const [node, origin] = ['0123456789abcdef', 'fedcba9876543210'];
const id = 'ab'.repeat(16);
const hlc = 1_750_000_000_000 * 2_048;
const values: readonly Pick<Op, 'entity' | 'key' | 'value'>[] = [
  { entity: 'user_name', key: `bob/${id}`, value: { claimedAt: hlc, settled: true } },
  {
    entity: 'device',
    key: `${id}/${id}`,
    value: { publicKey: 'cd'.repeat(32), label: 'é', addedAt: hlc, revoked: false },
  },
  { entity: 'intent', key: `${id}/${'ab'.repeat(20)}/${id}/${id}`, value: null },
  { entity: 'issuer', key: id, value: { certificate: 'MIIB', tracker: 2, retired: false } },
  { entity: 'issuer_end', key: id, value: { lastAt: hlc } },
  {
    entity: 'tracker_key',
    key: 'ef'.repeat(32),
    value: { from: '11'.repeat(32), to: '22'.repeat(32), atMs: 1, signature: '33'.repeat(64) },
  },
  { entity: 'revocation', key: `device/${id}`, value: { at: hlc } },
  { entity: 'command', key: `${id}/${id}`, value: { route: 'share', bodyHash: '', result: { a: [1] }, at: hlc } },
];
const ops: readonly Op[] = values.map((row, at) => ({ origin, seq: at + 1, last: values.length, hlc, ...row }));
const told = { node, origin, vector: { [origin]: 8, [node]: 0 } };
const words = [
  ...['node', 'origin', 'vector', 'answer', 'replaces', 'nowMs', 'waitMs', 'rows', 'more', 'snapshot', 'ops'],
  ...['beats', 'kept', 'gone', 'tries', 'addresses', 'port', 'after', 'key'],
  ...values.map(({ entity }) => entity),
  '__proto__',
  '\n',
  node,
];

const isOwn = (error: unknown): boolean => error instanceof PeerageError && error.code === 'protocol';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isRun = (value: unknown): boolean =>
  typeof value === 'string' && value.length === 16 && /^[0-9a-f]*$/.test(value);
const isId = (value: string): boolean => value.length === 32 && !/[^0-9a-f]/.test(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function checkVector(vector: Readonly<Record<string, number>>): void {
  for (const [run, seq] of Object.entries(vector)) demand(isRun(run) && isCount(seq), 'a vector of anything else');
}

const mutate: NonNullable<Decoder['mutate']> = (input, random) => {
  const text = Buffer.from(input).toString('utf8');
  const end = text.indexOf('\n');
  if (end < 0) return Buffer.from(mutateJson(text, words, random));
  const [head, carried] = [text.slice(0, end), text.slice(end + 1)];
  return random.chance(0.3)
    ? Buffer.from(`${mutateJson(head, words, random)}\n${carried}`)
    : Buffer.from(`${head}\n${mutateJson(carried, words, random)}`);
};

function jsonIn(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A body that is taken is plain rows, and the same again when it is written and read. */
function checked(name: string, seeds: () => Uint8Array[], check: (input: Buffer) => Outcome): Decoder {
  return { name, words, mutate, maxBytes: 20_000, seeds, check: (input) => check(Buffer.from(input)) };
}

export const linkAnswer = checked(
  'link-answer',
  () => [
    Buffer.from(encodeAnswer({ ...told, answer: 'ops', replaces: false, nowMs: 5 }, ops)),
    Buffer.from(encodeAnswer({ ...told, vector: {}, answer: 'snapshot', replaces: true, nowMs: 5 }, [])),
    ...ops.map((op) => Buffer.from(encodeAnswer({ ...told, answer: 'ops', replaces: false, nowMs: 5 }, [op]))),
  ],
  (input) => {
    const got = attempt(() => {
      const { head, carried } = parseHead(input);
      return { head, ops: parseOps(carried) };
    }, isOwn);
    if ('refusal' in got) return refused(got.refusal.message);
    const { head, ops: taken } = got.value;
    demand(isRun(head.node) && isRun(head.origin) && isCount(head.nowMs), 'a head of anything else');
    checkVector(head.vector);
    for (const op of taken) {
      demand(isRun(op.origin) && [op.seq, op.last, op.hlc].every(isCount), 'an op with another stamp');
      demand(op.key.length <= 2_048, 'an op with a long key');
    }
    const again = parseHead(Buffer.from(encodeAnswer(head, taken)));
    demand(same(again.head, head) && same(parseOps(again.carried), taken), 'reads back something else than it wrote');
    return accepted(
      `accepted ${taken
        .map(({ entity, value }) => (value ? entity : `no ${entity}`))
        .slice(0, 2)
        .join()}`,
    );
  },
);

export const linkRows = checked(
  'link-rows',
  () => [
    Buffer.from(encodeRows({ rows: [], more: false })),
    ...ops.map(({ entity, key, value }) =>
      Buffer.from(encodeRows({ rows: [{ entity, key, value, stamp: { hlc, origin, seq: 1 } }], more: true })),
    ),
  ],
  (input) => {
    const got = attempt(() => parseRows(input), isOwn);
    if ('refusal' in got) return refused(got.refusal.message);
    const { rows, more } = got.value;
    demand(!more || rows.length > 0, 'a snapshot that stands still');
    for (const { stamp } of rows) {
      demand(isRun(stamp.origin) && isCount(stamp.hlc) && isCount(stamp.seq), 'a row with another stamp');
    }
    demand(same(parseRows(encodeRows(got.value)), got.value), 'reads back something else than it wrote');
    return accepted(
      `accepted ${rows
        .map(({ entity }) => entity)
        .slice(0, 2)
        .join()}`,
    );
  },
);

export const linkPull = checked(
  'link-pull',
  () => [
    Buffer.from(encodePull(told, { waitMs: 0, nowMs: 5 })),
    Buffer.from(encodePull(told, { waitMs: 20_000, nowMs: 5 })),
  ],
  (input) => {
    const body = jsonIn(input);
    if (body === undefined) return refused('no JSON: the port has refused it');
    const got = attempt(() => parsePull(body), isOwn);
    if ('refusal' in got) return refused(got.refusal.message);
    const { waitMs, nowMs, ...teller } = got.value;
    checkVector(teller.vector);
    demand(isRun(teller.node) && isRun(teller.origin) && isCount(waitMs) && isCount(nowMs), 'a pull of anything else');
    demand(
      same(parsePull(JSON.parse(Buffer.from(encodePull(teller, { waitMs, nowMs })).toString())), got.value),
      'another pull',
    );
    return accepted();
  },
);

const beat = {
  device: id,
  presenceSession: 3,
  uid: id,
  version: 1,
  source: '10.0.0.7',
  addresses: [{ host: '10.0.0.7', port: 7_000 }],
  downloading: [{ gid: id, infoHash: 'ab'.repeat(20) }],
  withheld: [],
};
const soft = {
  beats: [beat],
  kept: [{ device: id, presenceSession: 3, version: 2 }],
  gone: [{ device: id, presenceSession: 2 }],
  tries: [
    { source: '10.0.0.7', account: 'alice', knownDevice: null },
    { source: '::1', account: id, knownDevice: id },
  ],
};

/** Presence and tries of passwords that another tracker forwards. */
export const linkSoft = checked(
  'link-soft',
  () =>
    [soft, { ...soft, beats: [] }, { beats: [], kept: [], gone: [], tries: [] }].map((each) =>
      Buffer.from(JSON.stringify(each)),
    ),
  (input) => {
    const body = jsonIn(input);
    if (body === undefined) return refused('no JSON: the port has refused it');
    const got = attempt(() => parseSoft(body), isOwn);
    if ('refusal' in got) return refused(got.refusal.message);
    const { beats, kept, gone, tries } = got.value;
    demand(beats.length <= 500 && tries.length <= 10_000, 'more than a message may hold');
    for (const each of [...beats, ...kept, ...gone])
      demand(isId(each.device) && isCount(each.presenceSession), 'no device');
    for (const each of beats) {
      demand(isId(each.uid) && isCount(each.version), 'a beat of nobody');
      for (const { port } of each.addresses)
        demand(isCount(port) && port >= 1 && port <= 65_535, 'a port that is none');
      for (const { gid, infoHash } of [...each.downloading, ...each.withheld])
        demand(isId(gid) && infoHash.length === 40 && !/[^0-9a-f]/.test(infoHash), 'a share that is none');
    }
    demand(
      same(parseSoft(JSON.parse(JSON.stringify(got.value))), got.value),
      'reads back something else than it wrote',
    );
    return accepted(`accepted ${[beats, kept, gone, tries].map((list) => Math.min(2, list.length)).join()}`);
  },
);

/** What another tracker asks for: pages of rows, and metainfo. */
export const linkQuestions = checked(
  'link-questions',
  () => [
    Buffer.from(encodeRowsQuestion({ after: null })),
    Buffer.from(encodeRowsQuestion({ after: { entity: 'user', key: id } })),
    Buffer.from(encodeMetainfoQuestion({ group: id, infoHash: 'ab'.repeat(20) })),
  ],
  (input) => {
    const body = jsonIn(input);
    if (body === undefined) return refused('no JSON: the port has refused it');
    const rows = attempt(() => parseRowsQuestion(body), isOwn);
    const metainfo = attempt(() => parseMetainfoQuestion(body), isOwn);
    if ('value' in rows) {
      const { after } = rows.value;
      demand(after === null || (typeof after.key === 'string' && after.key.length <= 2_048), 'a place that is none');
      return accepted(after === null ? 'from the beginning' : after.entity);
    }
    if ('refusal' in metainfo) return refused(`${rows.refusal.message} ${metainfo.refusal.message}`);
    const { group, infoHash } = metainfo.value;
    demand(isId(group) && infoHash.length === 40 && !/[^0-9a-f]/.test(infoHash), 'metainfo of nothing');
    return accepted('metainfo');
  },
);
