import { z } from 'zod';
import type { AbortSignalLike } from '../control-api/facade.ts';
import { errorFromWire, PeerageError } from '../errors/peerage-error.ts';
import type { Route } from './route.ts';

/** One request, ready for any HTTP transport. `path` begins with `/` and carries the query. */
export interface ApiRequest {
  readonly method: Route['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly signal?: AbortSignalLike;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** The transport: caps the answer's size, rejects with PeerageError `tracker_unreachable` where no HTTP answer came. */
export type SendApiRequest = (request: ApiRequest) => Promise<ApiAnswer>;

export interface ApiCallOptions {
  /** Session token; needed where the route says `session`. */
  readonly token?: string;
  readonly signal?: AbortSignalLike;
}

/** What a caller gives for one call, whatever the route. */
export interface RouteValues {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const Refusal = z.object({ code: z.string().max(64), message: z.string().max(4096) });
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Calls one route over any transport. Rejects with the other side's refusal, or `protocol` for an answer that the contract does not allow;
 * `server` is how messages name the other side.
 */
export async function callRoute(
  send: SendApiRequest,
  server: string,
  [name, route]: readonly [name: string, route: Route],
  input: RouteValues,
  options: ApiCallOptions,
): Promise<unknown> {
  const answer = await send(requestFor(route, input, options));
  if (answer.status < 200 || answer.status > 299) throw refusalIn(server, answer);
  return answerOf(server, name, route, answer.body);
}

function requestFor(route: Route, input: RouteValues, options: ApiCallOptions): ApiRequest {
  const path = route.path.replace(/:([a-zA-Z]+)/g, (_, key: string) => encodeURIComponent(input.params?.[key] ?? ''));
  const query = Object.entries(input.query ?? {}).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  let body: Uint8Array | null = null;
  if (input.body instanceof Uint8Array) {
    headers['content-type'] = 'application/octet-stream';
    body = input.body;
  } else if (input.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = encoder.encode(JSON.stringify(input.body));
  }
  return {
    method: route.method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers,
    body,
    ...(options.signal ? { signal: options.signal } : {}),
  };
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return undefined; // no JSON value is undefined: the schemas refuse it like any other wrong shape
  }
}

function refusalIn(server: string, answer: ApiAnswer): PeerageError {
  const refusal = Refusal.safeParse(jsonIn(answer.body));
  if (refusal.success) return errorFromWire(refusal.data);
  return new PeerageError(
    'protocol',
    `the ${server} answered ${answer.status} in a form that is not its own: is it a ${server}?`,
  );
}

function answerOf(server: string, name: string, route: Route, body: Uint8Array): unknown {
  if (typeof route.answer === 'string') return body;
  const parsed = route.answer.safeParse(jsonIn(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new PeerageError(
    'protocol',
    `the ${server}'s answer to ${name} does not fit the contract${where}: is it of another version?`,
  );
}
