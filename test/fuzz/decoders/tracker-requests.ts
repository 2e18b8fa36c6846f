import { errorTable, type Route, trackerRoutes } from '@peerage/contract';
import { type InProcessTracker, startInProcess } from '../../../packages/tracker/src/testing/in-process.ts';
import { TestDevice } from '../../../packages/tracker/src/testing/test-device.ts';
import { accepted, demand, type OpenedDecoder, refused, seedOf } from '../decoder.ts';
import { httpInput, httpSeeds, httpWords, mutateHttp } from '../http-inputs.ts';
import { wrongValue } from '../reference/api-values.ts';

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];
/** What requests change stays within a tracker that lives this long. */
const REQUESTS_A_TRACKER = 20_000;

/** Refusals that may come before the body was looked at. */
const beforeBody: ReadonlySet<string> = new Set(['protocol', 'not_logged_in', 'limit']);
/** A password is hashed for these, which takes as long as a hundred other requests: only some are let through. */
const costsHash: ReadonlySet<Route> = new Set([
  trackerRoutes.createUser,
  trackerRoutes.login,
  trackerRoutes.changePassword,
]);

/** The tracker's HTTP app, in this process and over a memory store. */
export function openTrackerRequests(): OpenedDecoder {
  let tracker: InProcessTracker | undefined;
  let device: TestDevice | undefined;
  let requests = 0;
  let users = 0;
  /** Whoever asks: at a new tracker now and then, at the same one where an input only ended the session. */
  const fresh = async () => {
    if (tracker === undefined || requests >= REQUESTS_A_TRACKER) {
      await tracker?.close();
      tracker = startInProcess();
      requests = 0;
      users = 0;
    }
    const name = `alice${users++ || ''}`;
    device = new TestDevice(tracker.sendFrom(`127.0.${users % 250}.1`));
    await device.createUser(name);
    await device.login(name);
    return { tracker, device };
  };
  return {
    name: 'tracker-requests',
    words: httpWords,
    turnMs: 600,
    maxBytes: 100_000,
    seeds: httpSeeds,
    mutate: mutateHttp,
    async check(input) {
      const request = httpInput(input);
      if (request === undefined) return refused('no request');
      const open = tracker && device?.token && requests++ < REQUESTS_A_TRACKER ? { tracker, device } : await fresh();
      const { method, path, contentType, body } = request;
      const headers: Record<string, string> = {
        ...(request.session ? { authorization: `Bearer ${open.device.token}` } : {}),
        ...(/^[\x20-\x7e]+$/.test(contentType) ? { 'content-type': contentType } : {}),
      };
      const payload = body === '' ? {} : { payload: Buffer.from(body) };
      if (!methods.includes(method)) return refused('no method');
      // The event stream never ends, so it can't be asked for in this way.
      if (!path.startsWith('/') || path.split('?')[0] === trackerRoutes.events.path) return refused('no path');
      const route = routeOf(path, method);
      if (route !== undefined && costsHash.has(route) && seedOf(input) % 8 !== 0) return refused('left out');
      const answer = await open.tracker.server.inject({
        method: method as 'GET',
        url: `http://localhost${encoded(path)}`, // alone, `/\\x` would be read as a host
        headers,
        ...payload,
      });
      if (answer.statusCode >= 200 && answer.statusCode <= 299) {
        if (typeof route?.body === 'object') demandRightBody(route.body, path, body);
        if (route === trackerRoutes.logout) device = undefined; // the password may be another one by now: the next request is another user's
        return accepted(`${method} ${route?.path}`);
      }
      if (method === 'HEAD') return refused('no such call');
      const { code = '', message } = answer.json() as { code?: string; message?: string };
      const known = Object.hasOwn(errorTable, code) ? errorTable[code as keyof typeof errorTable] : undefined;
      demand(
        known !== undefined && known.http === answer.statusCode && typeof message === 'string',
        `answers ${answer.statusCode} without a refusal of its own: ${answer.body.slice(0, 200)}`,
      );
      demand(code !== 'internal' && answer.statusCode < 500, `${method} ${path}: ${message}`);
      // Every other refusal comes after the body was found right.
      if (typeof route?.body === 'object' && !beforeBody.has(code)) demandRightBody(route.body, path, body);
      return refused(`${route?.path} ${code} ${message}`);
    },
    async reset() {
      await tracker?.close();
      tracker = undefined;
    },
    close: async () => tracker?.close(),
  };
}

function demandRightBody(schema: Extract<Route['body'], object>, path: string, body: string): void {
  const given = JSON.parse(body) as object;
  const wrong = wrongValue(given);
  demand(wrong === undefined, `${path} takes a body with a wrong value: ${wrong}`);
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(schema.shape, key));
  demand(unknown === undefined, `${path} takes a body with an unknown key: ${unknown}`);
}

/** The route of the table that a path and method mean. */
function routeOf(path: string, method: string): Route | undefined {
  const parts = path.split('?')[0]!.split('/');
  return Object.values(trackerRoutes as Readonly<Record<string, Route>>).find((route) => {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) return false;
    return wanted.every((part, at) => part.startsWith(':') || part === parts[at]);
  });
}

/** A request line holds visible ASCII only. */
const encoded = (path: string): string =>
  path.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character.toWellFormed()));
