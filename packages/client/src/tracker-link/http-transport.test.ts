import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CLOCK_HEADER, parseRunTime, UNTIL_HEADER } from '@peerage/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HttpTransport } from './http-transport.ts';
import { PinnedTls } from './pinned-tls.ts';
import { certificateOf, newKey, pinOf } from './test-bed/tracker-keys.ts';

const key = newKey();
let server: Server;
/** What the tracker answers, in turn, then 200; and until when each request may be begun, as it came. */
let answers: { status: number; clock: string }[];
let untils: (string | undefined)[];
/** So many requests end with their connection. */
let breaks = 0;
const transports: HttpTransport[] = [];

beforeEach(async () => {
  [answers, untils] = [[], []];
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  const { pem: cert } = await certificateOf(key);
  server = createServer({ key: pem, cert, minVersion: 'TLSv1.3' }, (request, response) => {
    untils.push(request.headers[UNTIL_HEADER] as string | undefined);
    if (breaks > 0) {
      breaks--;
      request.socket.destroy();
      return;
    }
    const { status, clock } = answers.shift() ?? { status: 200, clock: 'aaaaaaaa.5000' };
    response.writeHead(status, { [CLOCK_HEADER]: clock }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function transportTo({ isAlone }: { isAlone: boolean }): HttpTransport {
  const { port } = server.address() as AddressInfo;
  const tracker = { host: '127.0.0.1', port, address: 'tracker', pin: pinOf(key) };
  const keys = { find: () => undefined, remember: () => undefined, replace: () => undefined };
  const tls = new PinnedTls(tracker, keys, { vouched: async () => undefined, met: () => undefined });
  const transport = new HttpTransport(tracker, tls, isAlone);
  transports.push(transport);
  return transport;
}

const ask = (transport: HttpTransport, method: string) =>
  transport.send({ method, path: '/', headers: {}, body: method === 'GET' ? null : Buffer.from('{}') });

it('what changes something is to be begun before it may be given up, by the clock that the tracker told last', async () => {
  const transport = transportTo({ isAlone: false });
  answers = [
    { status: 200, clock: 'aaaaaaaa.5000' },
    { status: 404, clock: 'bbbbbbbb.70000' },
  ];
  for (const method of ['POST', 'GET', 'POST']) await ask(transport, method);
  expect(untils.slice(0, 2)).toEqual([undefined, undefined]);
  const { run, ms } = parseRunTime(untils[2]!)!;
  expect(run).toBe('bbbbbbbb');
  expect(ms).toBeGreaterThanOrEqual(70_000);
  expect(ms - 70_000).toBeLessThan(20_000); // what passed here is in it
});

it('what came too late is sent once more, by the clock of that refusal: the tracker may have been started anew', async () => {
  const transport = transportTo({ isAlone: false });
  await ask(transport, 'GET');
  answers = [{ status: 504, clock: 'cccccccc.1' }];
  expect(await ask(transport, 'POST')).toMatchObject({ status: 200 });
  expect(untils.slice(1).map((until) => parseRunTime(until!)!.run)).toEqual(['aaaaaaaa', 'cccccccc']);
  answers = Array.from({ length: 2 }, () => ({ status: 504, clock: 'cccccccc.2' }));
  expect(await ask(transport, 'POST')).toMatchObject({ status: 504 });
  expect(untils).toHaveLength(5);
});

it('where there is no other tracker nothing is too late', async () => {
  const transport = transportTo({ isAlone: true });
  for (const method of ['GET', 'POST']) await ask(transport, method);
  expect(untils).toEqual([undefined, undefined]);
});

it('a connection that breaks under a request is no end of its tracker: it is asked once more, on a new one', async () => {
  const transport = transportTo({ isAlone: false });
  breaks = 1;
  expect(await ask(transport, 'POST')).toMatchObject({ status: 200 });
  breaks = 2;
  await expect(ask(transport, 'POST')).rejects.toMatchObject({ code: 'tracker_unreachable' });
  expect(untils).toHaveLength(4);
});
