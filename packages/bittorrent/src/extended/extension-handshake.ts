import type { BencodeDictionary, BencodeValue } from '../bencode/decode.ts';
import { decodeBencode } from '../bencode/decode.ts';
import { encodeBencode } from '../bencode/encode.ts';
import { BLOCK_BYTES } from '../geometry.ts';
import { fromHex, toHex } from '../hex.ts';
import { MAX_EXTENDED_BYTES } from '../wire/message-ids.ts';
import { WireError } from '../wire/wire-error.ts';

/** The extended id of the handshake itself (BEP 10). */
export const EXTENSION_HANDSHAKE_ID = 0;

/** What a peer tells about itself (BEP 10). Nothing in it is proven. */
export interface ExtensionHandshake {
  /** Extended messages that the sender understands, by name, with the id to send them under (`m`; 1-255). */
  readonly messageIds: ReadonlyMap<string, number>;
  /** Name and version of the program (`v`). */
  readonly client?: string;
  /** Port that the sender listens on (`p`). */
  readonly listenPort?: number;
  /** Requests that the sender keeps waiting before it drops some (`reqq`). */
  readonly requestQueueDepth?: number;
  /** Device id of the sender, 32 hex digits (`peerage_device`). */
  readonly device?: string;
  /** Longest block that the sender serves and takes beside those of 16 KiB (`peerage_block`): a whole piece where it is as long as one. */
  readonly mostBlockBytes?: number;
  /** User of the sender (`peerage_user`). */
  readonly user?: string;
}

export const extensionHandshakeLimits = {
  tokens: 1000,
  depth: 8,
  messageIds: 64,
  clientBytes: 256,
  userBytes: 320,
} as const;

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The payload of an extended message with id {@link EXTENSION_HANDSHAKE_ID}. */
export function encodeExtensionHandshake(handshake: ExtensionHandshake): Uint8Array {
  const dictionary = new Map<string, BencodeValue>([['m', handshake.messageIds]]);
  if (handshake.client !== undefined) dictionary.set('v', encoder.encode(handshake.client));
  if (handshake.listenPort !== undefined) dictionary.set('p', handshake.listenPort);
  if (handshake.requestQueueDepth !== undefined) dictionary.set('reqq', handshake.requestQueueDepth);
  if (handshake.mostBlockBytes !== undefined) dictionary.set('peerage_block', handshake.mostBlockBytes);
  if (handshake.device !== undefined) dictionary.set('peerage_device', fromHex(handshake.device));
  if (handshake.user !== undefined) dictionary.set('peerage_user', encoder.encode(handshake.user));
  return encodeBencode(dictionary);
}

/** Keys that it does not know are passed over; every key it knows must be as the specification says. Throws WireError. */
export function parseExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const dictionary = decode(payload);
  const client = optional(dictionary, 'v', (value) => text(value, extensionHandshakeLimits.clientBytes));
  const listenPort = optional(dictionary, 'p', (value) => integer(value, 0, 65_535));
  const requestQueueDepth = optional(dictionary, 'reqq', (value) => integer(value, 0, 2 ** 31));
  const mostBlockBytes = optional(dictionary, 'peerage_block', (value) => integer(value, BLOCK_BYTES, 2 ** 31));
  const device = optional(dictionary, 'peerage_device', (value) =>
    value instanceof Uint8Array && value.length === 16 ? toHex(value) : undefined,
  );
  const user = optional(dictionary, 'peerage_user', (value) => text(value, extensionHandshakeLimits.userBytes));
  return {
    messageIds: optional(dictionary, 'm', messageIds) ?? new Map(),
    ...(client === undefined ? {} : { client }),
    // Some clients say 0 for "I don't listen".
    ...(listenPort === undefined || listenPort === 0 ? {} : { listenPort }),
    ...(requestQueueDepth === undefined ? {} : { requestQueueDepth }),
    ...(mostBlockBytes === undefined ? {} : { mostBlockBytes }),
    ...(device === undefined ? {} : { device }),
    ...(user === undefined ? {} : { user }),
  };
}

function decode(payload: Uint8Array): BencodeDictionary {
  let value: BencodeValue;
  try {
    const { tokens, depth } = extensionHandshakeLimits;
    value = decodeBencode(payload, { maxBytes: MAX_EXTENDED_BYTES, maxTokens: tokens, maxDepth: depth });
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error));
  }
  if (!(value instanceof Map)) throw refused('it is no dictionary');
  return value;
}

function messageIds(value: BencodeValue): ReadonlyMap<string, number> | undefined {
  if (!(value instanceof Map) || value.size > extensionHandshakeLimits.messageIds) return undefined;
  const ids = new Map<string, number>();
  for (const [name, id] of value as BencodeDictionary) {
    if (integer(id, 0, 255) === undefined) return undefined;
    // 0 switches an extension off (BEP 10).
    if (id !== 0) ids.set(name, id as number);
  }
  return ids;
}

function optional<Known>(
  dictionary: BencodeDictionary,
  key: string,
  read: (value: BencodeValue) => Known | undefined,
): Known | undefined {
  const value = dictionary.get(key);
  if (value === undefined) return undefined;
  const known = read(value);
  if (known === undefined) throw refused(`its ${key} is not what it must be`);
  return known;
}

function integer(value: BencodeValue, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

function text(value: BencodeValue, maxBytes: number): string | undefined {
  if (!(value instanceof Uint8Array) || value.length > maxBytes) return undefined;
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}

function refused(why: string): WireError {
  return new WireError('bad_extension_handshake', `the extension handshake is refused: ${why}`);
}
