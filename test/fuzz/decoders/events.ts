import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { TrackerEvent } from '@peerage/contract';
import { Random } from '@peerage/swarm';
import { readEvents } from '../../../packages/client/src/tracker-link/event-stream.ts';
import { accepted, cut, type Decoder, demand, refused, seedOf } from '../decoder.ts';
import { mutateEventData } from '../mutation/event-data.ts';
import { referenceEvents } from '../reference/events.ts';

const id = '00112233445566778899aabbccddeeff';
const events: readonly TrackerEvent[] = [
  { type: 'resync' },
  { type: 'peers_changed', group: id, infoHash: 'ab'.repeat(20) },
  { type: 'join_requested', group: id, groupName: 'team', user: 'bob~1a2b' },
  { type: 'standing_changed', group: id, groupName: 'team', standing: 'removed' },
  { type: 'files_changed', group: id },
  { type: 'issuers_changed', withinMs: 300_000, retired: ['TUlJQg==', 'TUlJQkFn'] },
  { type: 'session_ended', reason: 'logged out' },
];

/** The tracker's event stream as the client reads it, cut anywhere. */
export const trackerEvents: Decoder = {
  name: 'tracker-events',
  words: [
    'data: ',
    'data',
    'id: 7',
    'id:\0',
    'event: x',
    'retry: 1',
    ': beat',
    '\n\n',
    '\r\n',
    '\r',
    '\ufeff',
    'data: {"type":"resync"}\n\n',
    'data: {\n\n',
    '{"type":"resync","more":1}',
    'null',
  ],
  maxBytes: 100_000,
  seeds: () => [
    ...events.map((event, at) => Buffer.from(`id: ${at}\ndata: ${JSON.stringify(event)}\n\n`)),
    Buffer.from(
      `: beat\n\n${events.map((event, at) => `id: 0123-${at}\ndata: ${JSON.stringify(event)}\n\n: beat\n\n`).join('')}`,
    ),
  ],
  mutate: (input, random) => mutateEventData(input, ['type', 'group', 'user', 'reason', 'withinMs', 'retired'], random),
  async check(input) {
    const expected = expectation(input);
    for (const chunks of [[input], cut(input, new Random(seedOf(input)))]) {
      const told: TrackerEvent[] = [];
      const stream = new PassThrough({ highWaterMark: 1024 * 1024 });
      const reading = readEvents(stream as unknown as IncomingMessage, undefined, (event) => told.push(event));
      for (const chunk of chunks) stream.write(chunk);
      stream.end();
      const lastId = await reading;
      demand(
        JSON.stringify(told) === JSON.stringify(expected.told),
        `tells ${JSON.stringify(told)} where ${JSON.stringify(expected.told)} is right`,
      );
      demand(lastId === expected.lastId, `ends at event ${lastId} where ${expected.lastId} is right`);
    }
    if (expected.broken) return refused('a message that is no JSON');
    return accepted(
      `accepted ${expected.told
        .map((event) => event.type)
        .slice(0, 3)
        .join()}`,
    );
  },
};

/** Everything up to the first message that is no JSON: there the stream is given up, and all is read anew. */
function expectation(input: Uint8Array): { told: TrackerEvent[]; lastId: string | undefined; broken: boolean } {
  const told: TrackerEvent[] = [];
  let lastId: string | undefined;
  for (const message of referenceEvents(input)) {
    let value: unknown;
    try {
      value = JSON.parse(message.data);
    } catch {
      return { told, lastId: undefined, broken: true };
    }
    lastId = message.id ?? lastId;
    const event = eventIn(value);
    if (event !== undefined) told.push(event);
  }
  return { told, lastId, broken: false };
}

const fieldRules: Readonly<Record<string, (value: unknown) => boolean>> = {
  group: (value) => isHex(value, 32),
  infoHash: (value) => isHex(value, 40),
  groupName: isName,
  user: isName,
  standing: (value) => ['owner', 'member', 'pending', 'rejected', 'removed', 'left'].includes(value as string),
  withinMs: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  retired: (value) => Array.isArray(value) && value.every(isBase64),
  reason: (value) => typeof value === 'string',
};

const isHex = (value: unknown, digits: number): boolean =>
  typeof value === 'string' &&
  value.length === digits &&
  [...value].every((digit) => '0123456789abcdef'.includes(digit));

function isBase64(value: unknown): boolean {
  if (typeof value !== 'string' || value.length % 4 !== 0 || value.length > 16_384) return false;
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return [...value.slice(0, value.length - padding)].every((letter) => letters.includes(letter));
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 80;
}

/** Known fields of a known event, each right; else it tells nothing. */
function eventIn(value: unknown): TrackerEvent | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const model = events.find((event) => event.type === given['type']);
  if (model === undefined) return undefined;
  const keys = Object.keys(model);
  if (!keys.every((key) => key === 'type' || (Object.hasOwn(given, key) && fieldRules[key]!(given[key]))))
    return undefined;
  return Object.fromEntries(keys.map((key) => [key, given[key]])) as TrackerEvent;
}
