import { trackerRoutes } from '@peerage/contract';
import type { Random } from '@peerage/swarm';
import { mutateBytes } from './mutation/bytes.ts';
import { mutateJson } from './mutation/json.ts';

/** A request to a tracker as JSON: what the fuzzer changes, and what a crash is saved as. */
export interface HttpInput {
  readonly method: string;
  readonly path: string;
  /** A session's token is sent along. */
  readonly session: boolean;
  readonly contentType: string;
  readonly body: string;
}

const id = '00112233445566778899aabbccddeeff';
const hash = 'ab'.repeat(20);
const creation = { id, name: 'team', nonce: id, device: 'cd'.repeat(32), signature: 'ef'.repeat(64) };
const values: Readonly<Record<string, unknown>> = {
  commandId: id, create: creation, password: 'secret', name: 'alice', device: 'cd'.repeat(32), label: 'laptop', user: id, challenge: 'ab'.repeat(32), signature: 'ef'.repeat(64),
  current: 'secret', next: 'secret2', decision: 'accept', infoHash: hash, ifListed: true, presenceSession: 1, version: 1,
  addresses: [{ host: '127.0.0.1', port: 7000 }], downloading: [{ group: id, infoHash: hash }], withheld: [],
}; // biome-ignore format: a table

const queries = { name: 'a.bin', address: '127.0.0.1:7000' };

export const httpWords = [
  ...Object.values(trackerRoutes).map((route) => route.path),
  id,
  hash,
  '/replica/pull',
  '/replica/snapshot',
  '/metrics',
  '%00',
  '%2e%2e',
  '%ff',
  '%',
  '..',
  '?name=a',
  '?name=a&name=b',
  '&__proto__=1',
  '__proto__',
  'constructor',
  'application/json',
  'application/octet-stream',
  'text/plain',
  'charset=utf-16',
  '[',
  '{}',
  'null',
  'extra',
];

/** A right request of every route, by what its body's schema names. */
export function httpSeeds(): Uint8Array[] {
  return Object.values(trackerRoutes).flatMap((route) => {
    if (route.path === trackerRoutes.events.path) return [];
    const asked = 'query' in route ? Object.keys(route.query.shape) : [];
    const query = asked.length > 0 ? `?${asked.map((key) => `${key}=${queries[key as keyof typeof queries]}`)}` : '';
    const path =
      route.path.replace(/:(\w+)/g, (_, key: string) => (key === 'infoHash' ? hash : key === 'name' ? 'team' : id)) +
      query;
    const schema = 'body' in route ? route.body : undefined;
    const isBytes = schema === 'bytes';
    const body =
      typeof schema === 'object'
        ? JSON.stringify(Object.fromEntries(Object.keys(schema.shape).map((key) => [key, values[key] ?? null])))
        : isBytes
          ? 'd4:infode'
          : '';
    const contentType = isBytes ? 'application/octet-stream' : body === '' ? '' : 'application/json';
    return [
      Buffer.from(
        JSON.stringify({ method: route.method, path, session: route.session, contentType, body } satisfies HttpInput),
      ),
    ];
  });
}

/** Undefined for bytes that describe no request. */
export function httpInput(input: Uint8Array): HttpInput | undefined {
  try {
    const value = JSON.parse(Buffer.from(input).toString('utf8')) as Readonly<Record<string, unknown>>;
    const { method, path, session, contentType, body } = value;
    const texts = [method, path, contentType, body].map((text) => (typeof text === 'string' ? text : ''));
    return { method: texts[0]!, path: texts[1]!, session: session !== false, contentType: texts[2]!, body: texts[3]! };
  } catch {
    return undefined;
  }
}

/** One change: mostly inside the body's JSON, else of the path, the method, the session or the content type. */
export function mutateHttp(input: Uint8Array, random: Random): Uint8Array {
  const request = httpInput(input);
  if (request === undefined) return input;
  const edited = (text: string): string =>
    Buffer.from(mutateBytes(Buffer.from(text), Buffer.from(request.path), httpWords, random)).toString('utf8');
  const changed = (): Partial<HttpInput> => {
    switch (random.below(10)) {
      case 0:
        return { path: edited(request.path) };
      case 1:
        return { method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])! };
      case 2:
        return { session: !request.session };
      case 3:
        return {
          contentType: random.chance(0.3)
            ? edited(request.contentType)
            : random.pick([
                '',
                'application/json',
                'application/octet-stream',
                'text/plain',
                'application/json; charset=utf-16',
              ])!,
        };
      case 4:
        return { body: edited(request.body) };
      default:
        return { body: mutateJson(request.body, [...Object.keys(values), '__proto__'], random) };
    }
  };
  return Buffer.from(JSON.stringify({ ...request, ...changed() }));
}
