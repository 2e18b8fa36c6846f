import {
  type ExtensionHandshake,
  encodeExtensionHandshake,
  parseExtensionHandshake,
  WireError,
} from '@peerage/bittorrent';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';
import { mutateBencode } from '../mutation/bencode.ts';
import type { Reference } from '../reference/bencode.ts';
import { referenceOrNothing } from './bencode.ts';

const words = [
  'm',
  'p',
  'v',
  'reqq',
  'peerage_block',
  'peerage_device',
  'peerage_user',
  'ut_pex',
  'lt_donthave',
  'yourip',
  'i0e',
  'i16383e',
  'i524288e',
  'i65535e',
  'i65536e',
  'i255e',
  'i256e',
  'u'.repeat(320),
  'u'.repeat(321),
  'd'.repeat(16),
];

export const extensionHandshake: Decoder = {
  name: 'extension-handshake',
  words,
  maxBytes: 66_000,
  seeds: () => [
    encodeExtensionHandshake({ messageIds: new Map() }),
    encodeExtensionHandshake({
      messageIds: new Map([
        ['ut_pex', 1],
        ['lt_donthave', 255],
      ]),
      client: 'Peerage',
      listenPort: 6881,
      requestQueueDepth: 250,
      mostBlockBytes: 524_288,
    }),
    encodeExtensionHandshake({ messageIds: new Map(), device: '0123456789abcdef0123456789abcdef', user: 'alice' }),
    encodeExtensionHandshake({ messageIds: new Map(), client: 'ü'.repeat(128), user: 'é'.repeat(160) }),
  ],
  mutate: (input, random) => mutateBencode(input, words, random),
  check(input) {
    const expected = expectation(input);
    const got = attempt(
      () => parseExtensionHandshake(input),
      (error) => error instanceof WireError && error.reason === 'bad_extension_handshake',
    );
    if ('refusal' in got) {
      demand(expected === undefined, `refuses what the specification allows: ${got.refusal.message}`);
      return refused(got.refusal.message);
    }
    demand(expected !== undefined, 'accepts what the specification refuses');
    demand(plain(got.value) === plain(expected), `reads ${plain(got.value)} where ${plain(expected)} is right`);
    const again = parseExtensionHandshake(encodeExtensionHandshake(got.value));
    demand(plain(again) === plain(got.value), 'encodes to something else than it was parsed from');
    return accepted(`accepted ${Object.keys(got.value).join()}`);
  },
};

function plain(handshake: ExtensionHandshake): string {
  const { messageIds, ...rest } = handshake;
  return JSON.stringify([
    [...messageIds].sort(([a], [b]) => (a < b ? -1 : 1)),
    Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

function expectation(input: Uint8Array): ExtensionHandshake | undefined {
  const { value, counts } = referenceOrNothing(input) ?? {};
  if (!(value instanceof Map) || counts === undefined) return undefined;
  if (input.length > 65_536 || counts.tokens > 1000 || counts.deepest > 8) return undefined;
  const client = text(value.get('v'), 256);
  const user = text(value.get('peerage_user'), 320);
  const listenPort = number(value.get('p'), 65_535);
  const requestQueueDepth = number(value.get('reqq'), 2 ** 31);
  const mostBlockBytes = number(value.get('peerage_block'), 2 ** 31);
  const device = value.get('peerage_device');
  const ids = value.get('m') ?? new Map<string, Reference>();
  const deviceText = device === undefined ? undefined : raw(device);
  if (client === null || user === null || listenPort === null || requestQueueDepth === null) return undefined;
  if (mostBlockBytes === null || (mostBlockBytes !== undefined && mostBlockBytes < 16_384)) return undefined;
  if (device !== undefined && deviceText?.length !== 16) return undefined;
  if (!(ids instanceof Map) || ids.size > 64) return undefined;
  const messageIds = new Map<string, number>();
  for (const [name, id] of ids as ReadonlyMap<string, Reference>) {
    if (typeof id !== 'number' || id < 0 || id > 255) return undefined;
    if (id > 0) messageIds.set(name, id);
  }
  return {
    messageIds,
    ...(client === undefined ? {} : { client }),
    ...(listenPort ? { listenPort } : {}),
    ...(requestQueueDepth === undefined ? {} : { requestQueueDepth }),
    ...(mostBlockBytes === undefined ? {} : { mostBlockBytes }),
    ...(deviceText === undefined ? {} : { device: Buffer.from(deviceText, 'latin1').toString('hex') }),
    ...(user === undefined ? {} : { user }),
  };
}

const raw = (value: Reference): string | undefined =>
  typeof value === 'object' && 'text' in value ? value.text : undefined;

/** null: there, but wrong. */
function number(value: Reference | undefined, most: number): number | null | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' && value >= 0 && value <= most ? value : null;
}

function text(value: Reference | undefined, maxBytes: number): string | null | undefined {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(raw(value) ?? '', 'latin1');
  if (raw(value) === undefined || bytes.length > maxBytes) return null;
  return bytes.equals(Buffer.from(bytes.toString('utf8'))) ? bytes.toString('utf8') : null;
}
