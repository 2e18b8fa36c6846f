import { ControlEvent, PeerageError } from '@peerage/contract';
import { Random } from '@peerage/swarm';
import { readControlEvents } from '../../../packages/cli/src/running/control-events.ts';
import { accepted, cut, type Decoder, demand, refused, seedOf } from '../decoder.ts';
import { mutateEventData } from '../mutation/event-data.ts';
import { referenceEvents } from '../reference/events.ts';

const events: readonly ControlEvent[] = [
  { type: 'resync' },
  { type: 'notice', message: 'größe' },
  { type: 'download_removed', id: 'one' },
  { type: 'rates_changed', down_rate: 1, up_rate: 0.5, peers: 2 },
  {
    type: 'downloads_moved',
    downloads: [{ id: 'one', state: 'D', done: 7, rate: 1, peers: 1, up_rate: 0, uploaded: 0, availability: null }],
  },
  { type: 'group_activity', group: 'team', what: 'listed', user: 'bob', file: 'a.iso' },
];

const cursor = 'event: cursor\nid: abcd-0\ndata: {}\n\n';
const told = events.map((event, at) => `id: abcd-${at + 1}\ndata: ${JSON.stringify(event)}\n\n`);

/** The event stream of a running client as a one-shot command and a second shell read it, cut anywhere. */
export const controlEvents: Decoder = {
  name: 'control-events',
  words: [
    'data: ',
    'data',
    'id: abcd-7',
    'id:\0',
    'event: cursor',
    'event:',
    'event: x',
    'retry: 1',
    ':\n\n',
    '\n\n',
    '\r\n',
    '\r',
    '\ufeff',
    'data: {"type":"resync"}\n\n',
    'data: {\n\n',
    'null',
  ],
  maxBytes: 100_000,
  seeds: () => [...told.map((text) => Buffer.from(text)), Buffer.from(`${cursor}:\n\n${told.join(':\n\n')}`)],
  mutate: (input, random) => mutateEventData(input, ['type', 'group', 'user', 'downloads', 'message', 'id'], random),
  async check(input) {
    const expected = expectation(input);
    for (const chunks of [[input], cut(input, new Random(seedOf(input)))]) {
      const heard = await hear(chunks);
      demand(
        JSON.stringify(heard) === JSON.stringify(expected),
        `hears ${JSON.stringify(heard)} where ${JSON.stringify(expected)} is right`,
      );
    }
    return expected.isBroken ? refused('a message that is no JSON') : accepted(`accepted ${expected.told.slice(0, 3)}`);
  },
};

interface Heard {
  /** Types of events, and `cursor`. */
  readonly told: string[];
  lastId: string | undefined;
  isBroken: boolean;
}

async function hear(chunks: readonly Uint8Array[]): Promise<Heard> {
  const heard: Heard = { told: [], lastId: undefined, isBroken: false };
  async function* body() {
    yield* chunks;
  }
  try {
    await readControlEvents(body(), {
      onId: (id) => {
        heard.lastId = id;
      },
      onEvent: ({ type }) => void heard.told.push(type),
      onCursor: () => void heard.told.push('cursor'),
    });
  } catch (error) {
    if (!(error instanceof PeerageError) || error.code !== 'protocol') throw error;
    heard.isBroken = true;
  }
  return heard;
}

/** Everything up to the first message that is no JSON: there the stream is given up. */
function expectation(input: Uint8Array): Heard {
  const heard: Heard = { told: [], lastId: undefined, isBroken: false };
  for (const { id, event, data } of referenceEvents(input)) {
    heard.lastId = id ?? heard.lastId;
    if (event !== undefined) {
      if (event === 'cursor') heard.told.push('cursor');
      continue;
    }
    try {
      const parsed = ControlEvent.safeParse(JSON.parse(data));
      if (parsed.success) heard.told.push(parsed.data.type);
    } catch {
      heard.isBroken = true;
      break;
    }
  }
  return heard;
}
