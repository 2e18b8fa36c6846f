import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ANSWER_LINES,
  type ControlApi,
  type ControlName,
  controlCommands,
  controlRoutes,
  PeerageError,
} from '@peerage/contract';
import type { ClientLog } from '../../home/log.ts';
import { type EventFan, numbersOf } from '../event-fan.ts';
import type { Page } from '../page/page.ts';
import { AnswerStream } from './answer-stream.ts';
import { checkPlace, foreign, showsToken } from './callers.ts';
import { announceControl } from './control-file.ts';
import { EventStream } from './event-stream.ts';
import { controlLimits } from './limits.ts';

export interface ServeControlOptions {
  readonly control: ControlApi;
  readonly events: EventFan;
  readonly home: string;
  /** Where peers reach this client. */
  readonly listen: string;
  readonly log: Pick<ClientLog, 'error'>;
  readonly page: Page;
  /** Tells this run of the client from others. */
  readonly instance: string;
  /** The first reader of the events came, or the last one went. */
  readonly onFollowed?: (isFollowed: boolean) => void;
}

/**
 * The control API over HTTP on loopback at a random port, told by `control.json` in the home (security.md, "Control API and page").
 * Always true: nothing of a request is acted upon before its caller is checked; a command's caller who goes away interrupts it.
 */
export async function serveControl(options: ServeControlOptions) {
  const { control, events, home, listen, log, page, instance, onFollowed = () => undefined } = options;
  const token = randomBytes(32).toString('base64url');
  const streams = new Set<EventStream>();
  const closing = new AbortController();
  let port = 0;

  const server = createServer(
    // A file dropped on the page may take its time; the words of a command may not (jsonBody).
    { requestTimeout: 0, headersTimeout: controlLimits.requestMs },
    (request, response) => {
      answer(request, response).catch((error: unknown) => refuse(response, error));
    },
  );
  server.maxConnections = controlLimits.connections;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cross-origin-resource-policy', 'same-origin'); // of refusals too another page sees nothing, not even that there is one
    checkPlace(request.headers, port);
    const pathname = URL.parse(request.url ?? '/', 'http://127.0.0.1')?.pathname;
    if (pathname === undefined) throw new PeerageError('protocol', 'the address of the request is none');
    if (await page.answer(request, response, pathname, () => jsonBody(request))) return;
    const isPage = page.admits(request.headers);
    if (!isPage && !showsToken(request.headers, token)) {
      throw foreign('it shows neither the token of control.json in the home nor the session of a page');
    }
    const dropped = isPage ? await page.keepDropped(request, pathname) : null;
    if (dropped) return send(response, 200, dropped);
    if (pathname === controlRoutes.events.path && request.method === 'GET') return openStream(request, response);
    const command = commandAt(pathname);
    if (command === undefined || request.method !== 'POST') {
      throw new PeerageError('protocol', 'the client has no such call: is the caller of another version?');
    }
    const params = await jsonBody(request);
    await run(isPage ? page.control(control) : control, command, params, request, response);
  }

  async function run(
    control: ControlApi,
    command: ControlName,
    params: never,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort();
    response.once('close', interrupt);
    closing.signal.addEventListener('abort', interrupt, { once: true });
    const { signal } = interruption;
    try {
      if (request.headers.accept !== ANSWER_LINES) {
        return send(response, 200, await control.call(command, params, { signal }));
      }
      const lines = new AnswerStream(response);
      const unwatch = events.watch((event) => {
        if (numbersOf(event) === null) lines.tell({ event });
      });
      try {
        const result = await control.call(command, params, {
          signal,
          onProgress: (progress) => lines.tell({ progress }),
        });
        lines.end({ result });
      } catch (error) {
        lines.end({ error: refusalOf(error).toJSON() });
      } finally {
        unwatch();
      }
    } finally {
      response.off('close', interrupt);
      closing.signal.removeEventListener('abort', interrupt);
    }
  }

  function openStream(request: IncomingMessage, response: ServerResponse): void {
    if (streams.size >= controlLimits.streams) {
      throw new PeerageError(
        'limit',
        `${controlLimits.streams} readers follow the events of this client already: end one`,
      );
    }
    const cursor = request.headers['last-event-id'];
    const stream = new EventStream(response, events, instance, typeof cursor === 'string' ? cursor : undefined);
    streams.add(stream);
    onFollowed(true);
    response.on('close', () => {
      streams.delete(stream);
      if (streams.size === 0) onFollowed(false);
    });
  }

  function refusalOf(error: unknown): PeerageError {
    if (error instanceof PeerageError) return error;
    log.error({ err: error }, 'a control request failed');
    return new PeerageError('internal', 'a defect of the client: the log in its home says more');
  }

  function refuse(response: ServerResponse, error: unknown): void {
    const refusal = refusalOf(error);
    // What was not read of the request is not worth reading.
    response.setHeader('connection', 'close');
    send(response, refusal.httpStatus, refusal.toJSON());
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
  page.listensOn(port);
  const withdraw = announceControl(home, { format: 1, pid: process.pid, port, token, listen });

  return {
    async close(): Promise<void> {
      withdraw();
      closing.abort();
      for (const stream of streams) stream.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cut = setTimeout(() => server.closeAllConnections(), controlLimits.closingMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

const prefix = '/v1/commands/';

function commandAt(path: string): ControlName | undefined {
  const name = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  return Object.hasOwn(controlCommands, name) ? (name as ControlName) : undefined;
}

function send(response: ServerResponse, status: number, value: object): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** The facade checks its shape. A form of another page can't send this type without asking first. */
async function jsonBody(request: IncomingMessage): Promise<never> {
  if (request.headers['content-type'] !== 'application/json') {
    throw new PeerageError('protocol', 'the words of a command are sent as application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => request.destroy(), controlLimits.requestMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > controlLimits.bodyBytes) throw new PeerageError('limit', 'the words of the command are too long');
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof PeerageError) throw error;
    throw new PeerageError('interrupted', 'the words of the command did not come in whole');
  } finally {
    clearTimeout(late);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) as never;
  } catch {
    throw new PeerageError('protocol', 'the words of the command are no JSON');
  }
}
