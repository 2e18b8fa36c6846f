import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  type CallOptions,
  type ControlApi,
  type ControlEvent,
  ControlFile,
  type ControlName,
  type Download,
  PeerageError,
} from '@peerage/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventFan } from '../event-fan.ts';
import { Page } from '../page/page.ts';
import { announceControl } from './control-file.ts';
import { serveControl } from './serve-control.ts';

type Answer = (command: ControlName, params: unknown, options: CallOptions) => Promise<object>;

let home: string;
let events: EventFan;
let answer: Answer;
let logged: unknown[];
let file: ControlFile;
let served: Awaited<ReturnType<typeof serveControl>>;
const runtime = process.env['XDG_RUNTIME_DIR'];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'peerage-control-'));
  process.env['XDG_RUNTIME_DIR'] = home;
  events = new EventFan();
  logged = [];
  answer = async (command, params) => ({ command, params });
  const call = (command: ControlName, params: unknown, options: CallOptions = {}) => answer(command, params, options);
  const control = { call, subscribe: (listener) => events.subscribe(listener) } as ControlApi;
  const log = { error: (what: unknown) => void logged.push(what) };
  const page = new Page({ served: false, roots: [], home, instance: 'abcd' });
  served = await serveControl({ control, events, home, listen: '0.0.0.0:6881', log, page, instance: 'abcd' });
  file = ControlFile.parse(JSON.parse(readFileSync(join(home, 'control.json'), 'utf8')));
});
afterEach(async () => {
  await served.close();
  rmSync(home, { recursive: true });
  if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
  else process.env['XDG_RUNTIME_DIR'] = runtime;
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer;
}

/** A request as this home's own commands make it, but for what is given. */
function open({ method = 'POST', path = '/v1/commands/whoami', headers = {}, body = '{}' }: Sent = {}) {
  const own = { authorization: `Bearer ${file.token}`, 'content-type': 'application/json' };
  const given = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== undefined);
  const outgoing = request({
    host: '127.0.0.1',
    port: file.port,
    method,
    path,
    headers: Object.fromEntries(given) as Record<string, string>,
    agent: false,
  });
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  outgoing.end(method === 'GET' ? undefined : body);
  return { outgoing, incoming };
}

async function ask(sent?: Sent) {
  const incoming = await open(sent).incoming;
  return { status: incoming.statusCode, body: JSON.parse(await text(incoming)) as Record<string, unknown> };
}

describe('control.json', () => {
  it("is its user's alone, tells where the client is, and goes with it", async () => {
    expect(statSync(join(home, 'control.json')).mode & 0o777).toBe(0o600);
    expect(file).toMatchObject({ pid: process.pid, listen: '0.0.0.0:6881' });
    const running = join(home, 'peerage', 'clients');
    expect(statSync(running).mode & 0o777).toBe(0o700);
    expect(readdirSync(running).map((name) => readFileSync(join(running, name), 'utf8'))).toEqual([`${home}\n`]);
    await served.close();
    expect(existsSync(join(home, 'control.json'))).toBe(false);
    expect(readdirSync(running)).toEqual([]);
  });
});

describe('the lines of running clients', () => {
  it('of clients that were killed go when another one starts; those of clients that run stay', async () => {
    const running = join(home, 'peerage', 'clients');
    const line = (name: string, pid: number | null) => {
      const its = join(home, name);
      mkdirSync(its);
      if (pid !== null) writeFileSync(join(its, 'control.json'), JSON.stringify({ ...file, pid }));
      writeFileSync(join(running, name), `${its}\n`);
    };
    const killed = spawnSync(process.execPath, ['--eval', '']).pid;
    line('gone', null);
    line('killed', killed);
    line('runs', process.pid);
    announceControl(join(home, 'runs'), file)();
    expect(readdirSync(running)).toEqual(expect.arrayContaining(['runs']));
    expect(readdirSync(running)).toHaveLength(2); // and this home's own
  });
});

describe('a command over HTTP', () => {
  it('whose caller goes away in the middle of its words is no defect', async () => {
    const head = `POST /v1/commands/whoami HTTP/1.1\r\nhost: 127.0.0.1:${file.port}\r\nauthorization: Bearer ${file.token}\r\n`;
    const socket = connect(file.port, '127.0.0.1');
    socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    socket.end();
    const said = await text(socket);
    expect(said).not.toContain('internal');
    expect(logged).toEqual([]);
  });

  it('is answered as the facade answers it', async () => {
    expect(await ask({ path: '/v1/commands/list_files', body: '{"group":"größe"}' })).toEqual({
      status: 200,
      body: { command: 'list_files', params: { group: 'größe' } },
    });
    answer = async () => {
      throw new PeerageError('not_member', 'you are not a member');
    };
    expect(await ask()).toEqual({ status: 403, body: { code: 'not_member', message: 'you are not a member' } });
  });

  it('tells no stranger what went wrong inside', async () => {
    answer = async () => {
      throw new Error('secret inside');
    };
    expect(await ask()).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(logged).toHaveLength(1);
  });

  const own = () => `127.0.0.1:${file.port}`;
  it.each<[string, () => Sent]>([
    ['no token', () => ({ headers: { authorization: undefined } })],
    ['another token', () => ({ headers: { authorization: `Bearer ${'A'.repeat(43)}` } })],
    ['a token in another form', () => ({ headers: { authorization: file.token } })],
    ['a name that leads here', () => ({ headers: { host: `evil.example:${file.port}` } })],
    ['another port', () => ({ headers: { host: '127.0.0.1:1' } })],
    ['another page', () => ({ headers: { origin: 'https://evil.example' } })],
    ['a page of another port', () => ({ headers: { origin: 'http://127.0.0.1:1' } })],
    ['a page without a place', () => ({ headers: { origin: 'null' } })],
    [
      'the events without a token',
      () => ({ method: 'GET', path: '/v1/events', headers: { authorization: undefined } }),
    ],
  ])('is refused to %s', async (_, sent) => {
    let called = false;
    answer = async () => {
      called = true;
      return {};
    };
    expect(await ask(sent())).toMatchObject({ status: 403, body: { code: 'foreign_caller' } });
    expect(called).toBe(false);
    expect((await ask({ headers: { host: own(), origin: `http://${own()}` } })).status).toBe(200);
  });

  it.each<[string, Sent, string]>([
    ['at an address that is none', { path: '//[' }, 'protocol'],
    ['of another name', { path: '/v1/commands/nonsense' }, 'protocol'],
    ['that every object has', { path: '/v1/commands/constructor' }, 'protocol'],
    ['by another way', { method: 'PUT' }, 'protocol'],
    ['as a form would send it', { headers: { 'content-type': 'text/plain' } }, 'protocol'],
    ['that is no JSON', { body: '{' }, 'protocol'],
    ['that is no text', { body: Buffer.from([0x22, 0xff, 0x22]) }, 'protocol'],
    ['that is too long', { body: `"${'x'.repeat(300_000)}"` }, 'limit'],
  ])('%s is refused', async (_, sent, code) => {
    expect((await ask(sent)).body).toMatchObject({ code });
  });

  it('answers no bytes that are no HTTP', async () => {
    const socket = connect(file.port, '127.0.0.1');
    socket.write('\x16\x03\x01 hello\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask()).status).toBe(200);
  });

  it('is interrupted when its caller goes away', async () => {
    const begun = Promise.withResolvers<void>();
    const interrupted = Promise.withResolvers<void>();
    answer = (_command, _params, { signal }) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => {
          interrupted.resolve();
          reject(new PeerageError('interrupted', 'interrupted'));
        });
      });
    };
    const { outgoing, incoming } = open({ path: '/v1/commands/wait' });
    incoming.catch(() => undefined);
    await begun.promise;
    outgoing.destroy();
    await interrupted.promise;
  });

  it('tells progress and events while it runs, where lines are asked for', async () => {
    const progress = { what: 'hashing', doneBytes: 1, totalBytes: 2 } as const;
    answer = async (_command, _params, { onProgress }) => {
      onProgress?.(progress);
      events.tell({ type: 'notice', message: 'first contact' });
      events.tell({ type: 'download_changed', download });
      return { done: true };
    };
    const incoming = await open({ headers: { accept: 'application/x-ndjson' } }).incoming;
    const lines = (await text(incoming)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { progress },
      { event: { type: 'notice', message: 'first contact' } },
      { result: { done: true } },
    ]);
    answer = async () => {
      throw new PeerageError('no_such_group', 'no');
    };
    const refused = await open({ headers: { accept: 'application/x-ndjson' } }).incoming;
    expect(await text(refused)).toBe('{"error":{"code":"no_such_group","message":"no"}}\n');
  });

  it('under way when the client ends is interrupted, and ends in order', async () => {
    const begun = Promise.withResolvers<void>();
    answer = (_command, _params, { signal }) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => reject(new PeerageError('interrupted', 'the client ends')));
      });
    };
    const asked = ask({ path: '/v1/commands/wait' });
    await begun.promise;
    await served.close();
    expect(await asked).toMatchObject({ status: 499, body: { code: 'interrupted' } });
  });
});

const download: Download = {
  id: '1',
  state: 'D',
  group: 'team',
  file: 'a.iso',
  destination: '/d/a.iso',
  size: 10,
  done: 5,
  rate: 1,
  eta: 1,
  peers: 1,
  reason: null,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
};

interface Frame {
  readonly id: string;
  readonly event: ControlEvent | 'cursor';
}

/** Frames of an event stream, one after another. */
async function* framesFrom(cursor?: string): AsyncGenerator<Frame> {
  const headers = cursor === undefined ? {} : { 'last-event-id': cursor };
  const incoming = await open({ method: 'GET', path: '/v1/events', headers }).incoming;
  let held = '';
  try {
    for await (const chunk of incoming) {
      held += String(chunk);
      for (let end = held.indexOf('\n\n'); end >= 0; end = held.indexOf('\n\n')) {
        const frame = held.slice(0, end);
        held = held.slice(end + 2);
        const id = /^id: (.*)$/m.exec(frame)?.[1];
        const data = /^data: (.*)$/m.exec(frame)?.[1];
        if (id === undefined) continue;
        yield { id, event: frame.startsWith('event: cursor') ? 'cursor' : (JSON.parse(data!) as ControlEvent) };
      }
    }
  } finally {
    incoming.destroy();
  }
}

const notice = (message: string): ControlEvent => ({ type: 'notice', message });

describe('the event stream', () => {
  const next = async (frames: AsyncGenerator<Frame>) => (await frames.next()).value as Frame;

  it('is numbered, begins now, and goes on where the last one ended', async () => {
    events.tell(notice('before'));
    const first = framesFrom();
    const { id: start, event } = await next(first);
    expect(event).toBe('cursor');
    events.tell(notice('one'));
    const one = await next(first);
    expect(one.event).toEqual(notice('one'));
    await first.return(undefined);
    events.tell(notice('two'));
    events.tell(notice('three'));
    const again = framesFrom(one.id);
    expect((await next(again)).event).toBe('cursor');
    expect([(await next(again)).event, (await next(again)).event]).toEqual([notice('two'), notice('three')]);
    await again.return(undefined);
    const fromStart = framesFrom(start);
    await next(fromStart);
    expect((await next(fromStart)).event).toEqual(notice('one'));
    await fromStart.return(undefined);
  });

  it('tells of a download only how it stands', async () => {
    const frames = framesFrom();
    await next(frames);
    for (let done = 0; done < 100; done++) {
      events.tell({ type: 'download_changed', download: { ...download, done: done % 11 } });
    }
    expect((await next(frames)).event).toMatchObject({ download: { done: 99 % 11 } });
    events.tell({
      type: 'download_changed',
      download: { ...download, done: 5, rate: 7.5, up_rate: 0, uploaded: 0, availability: null, sources: [] },
    });
    expect((await next(frames)).event).toEqual({
      type: 'downloads_moved',
      downloads: [
        {
          id: download.id,
          state: download.state,
          done: 5,
          rate: 8,
          peers: download.peers,
          up_rate: 0,
          uploaded: 0,
          availability: null,
        },
      ],
    });
    events.tell({ type: 'download_changed', download: { ...download, state: 'P' } });
    expect((await next(frames)).event).toMatchObject({ type: 'download_changed', download: { state: 'P' } });
    events.tell(notice('then'));
    expect((await next(frames)).event).toEqual(notice('then'));
    await frames.return(undefined);
  });

  it('tells what moved meanwhile to a reader who comes back, and in full what is news to him', async () => {
    const two = { ...download, id: 'two' };
    events.tell({ type: 'download_changed', download });
    events.tell({ type: 'download_changed', download: two });
    const first = framesFrom();
    const { id } = await next(first);
    await first.return(undefined);
    events.tell({ type: 'download_changed', download: { ...two, file: 'another name' } });
    events.tell({ type: 'download_changed', download: { ...download, done: 9 } });
    const again = framesFrom(id);
    await next(again);
    const moved = await next(again);
    expect(moved).toMatchObject({ id, event: { type: 'downloads_moved', downloads: [{ id: download.id, done: 9 }] } });
    expect((await next(again)).event).toMatchObject({ download: { id: 'two', file: 'another name' } });
    await again.return(undefined);
  });

  it('tells the numbers of thousands of downloads once, also where news come with them', async () => {
    const all = Array.from({ length: 2000 }, (_, number) => ({ ...download, id: `${number}`.padStart(36, '0') }));
    for (const one of all) events.tell({ type: 'download_changed', download: one });
    const frames = framesFrom();
    await next(frames);
    for (const one of all) events.tell({ type: 'download_changed', download: { ...one, done: 1 } });
    events.tell(notice('one'));
    events.tell(notice('two'));
    const told: unknown[] = [];
    while (told.length < 3) {
      const { event } = await next(frames);
      told.push(event === 'cursor' ? event : event.type === 'notice' ? event.message : event.type);
    }
    expect(told).toEqual(['downloads_moved', 'one', 'two']);
    await frames.return(undefined);
  });

  it('tells the numbers of thousands of downloads more seldom', async () => {
    const all = Array.from({ length: 400 }, (_, number) => ({ ...download, id: `${number}`.padStart(36, '0') }));
    const tell = (done: number) => {
      for (const one of all) events.tell({ type: 'download_changed', download: { ...one, done } });
    };
    tell(0);
    const frames = framesFrom();
    await next(frames);
    tell(1);
    expect((await next(frames)).event).toMatchObject({ type: 'downloads_moved' });
    const toldMs = performance.now();
    tell(2);
    const { event } = await next(frames);
    const bytes = JSON.stringify(event).length;
    expect(bytes / ((performance.now() - toldMs) / 1000)).toBeLessThan(50 * 1024);
    await frames.return(undefined);
  });

  it('says that something was missed: after a gap, and from another run of the client', async () => {
    const frames = framesFrom();
    const { id } = await next(frames);
    await frames.return(undefined);
    for (let count = 0; count < 1001; count++) events.tell(notice(String(count)));
    for (const cursor of [id, 'deadbeef-0', 'nonsense']) {
      const late = framesFrom(cursor);
      let { event } = await next(late);
      if (event === 'cursor') ({ event } = await next(late));
      expect(event).toEqual({ type: 'resync' });
      events.tell(notice('after'));
      expect((await next(late)).event).toEqual(notice('after'));
      await late.return(undefined);
    }
  });

  it('buffers nothing for a reader who does not read', async () => {
    const incoming = await open({ method: 'GET', path: '/v1/events' }).incoming;
    incoming.pause();
    const before = process.memoryUsage.rss();
    const long = 'x'.repeat(1000);
    for (let count = 0; count < 200_000; count++) events.tell(notice(long));
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    incoming.destroy();
    expect((await ask()).status).toBe(200);
  });

  it('has a limited number of readers', async () => {
    const streams = await Promise.all(
      Array.from({ length: 16 }, () => open({ method: 'GET', path: '/v1/events' }).incoming),
    );
    expect((await ask({ method: 'GET', path: '/v1/events' })).body).toMatchObject({ code: 'limit' });
    for (const stream of streams) stream.destroy();
  });
});
