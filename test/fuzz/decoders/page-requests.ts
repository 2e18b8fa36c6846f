import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { type ControlName, type ControlParams, controlCommands, errorTable, PeerageError } from '@peerage/contract';
import type { Random } from '@peerage/swarm';
import { browseCommands } from '../../../packages/client/src/control/browse.ts';
import type { Client } from '../../../packages/client/src/control/handler.ts';
import { Page } from '../../../packages/client/src/control/page/page.ts';
import { accepted, demand, type OpenedDecoder, type Outcome, refused } from '../decoder.ts';
import { type HttpInput, httpInput, mutateHttp } from '../http-inputs.ts';
import { plainTo, talk } from '../live/talk.ts';
import { anyToken, partsOf, rawOf } from '../raw-http.ts';
import { INSTANCE, openServedControl } from './served-control.ts';

/** Stand in inputs for what is another one in every run: the port, a tab's cookie, a code that was not used yet, and the folder that the page may see. */
const anyPort = '{port}';
const anyCookie = '{cookie}';
const anyCode = '{code}';
const anyFolder = '{folder}';
const QUIET_MS = 5_000;
/** Who ends earlier is not answered where files are read first. */
const ENDS_MS = 300;
/** What no answer may hold: it lies beside the folder of the page and that which the page may see. */
const CANARY = 'a canary that nobody may see';

const post = (path: string, body: object): HttpInput => ({
  method: 'POST',
  path,
  session: true,
  contentType: 'application/json',
  body: JSON.stringify(body),
});
const get = (path: string): HttpInput => ({ method: 'GET', path, session: false, contentType: '', body: '' });

const requests: readonly HttpInput[] = [
  get('/'),
  get('/transfers/all/team/a.bin'),
  get('/assets/index.js'),
  post('/page/enter', { code: anyCode }),
  post('/v1/commands/browse', {}),
  post('/v1/commands/browse', { path: anyFolder }),
  post('/v1/commands/browse', { path: `${anyFolder}/inside` }),
  post('/v1/commands/upload_file', { path: `${anyFolder}/inside/a.txt`, group: 'team', cwd: '/' }),
  post('/v1/commands/download_file', { group: 'team', file: 'a.bin', destination: `${anyFolder}/inside`, cwd: '/' }),
  post('/v1/commands/cancel_download', { group: 'team', file: 'a.bin', data: 'remove' }),
  {
    method: 'PUT',
    path: '/page/dropped/gr%C3%B6%C3%9Fe.bin',
    session: true,
    contentType: 'application/octet-stream',
    body: 'x',
  },
];

/** As a tab sends it: with its cookie beside the secret. */
function asTab(request: HttpInput, host: string, cookie = `peerage-${INSTANCE}=${anyCookie}`): Uint8Array {
  const bytes = rawOf(request, host).toString('latin1');
  return Buffer.from(cookie === '' ? bytes : bytes.replace('\r\n', `\r\ncookie: ${cookie}\r\n`), 'latin1');
}

const OWN_HOST = `127.0.0.1:${anyPort}`;

function mutate(input: Uint8Array, random: Random): Uint8Array {
  const request = partsOf(input);
  if (request === undefined) return input;
  const changed = httpInput(mutateHttp(Buffer.from(JSON.stringify(request)), random))!;
  const host = random.chance(0.9) ? OWN_HOST : random.pick(['localhost:{port}', 'evil.example', '127.0.0.1'])!;
  const cookie = random.chance(0.9)
    ? undefined
    : random.pick([
        '',
        `peerage-${INSTANCE}=x`,
        `peerage-other=${anyCookie}`,
        `a=b; peerage-${INSTANCE}=${anyCookie}`,
      ])!;
  return asTab(changed, host, cookie);
}

/**
 * What the page's server makes of requests of a tab that was let in, and of such that only look like it: files of the page, the way in, folders of this machine, dropped files. What must hold: nothing outside of
 * the folders that the page may see is told or written, and nothing runs for who lacks the cookie, the secret or the right host.
 */
export function openPageRequests(): OpenedDecoder {
  let server: Awaited<ReturnType<typeof serve>> | undefined;
  return {
    name: 'page-requests',
    words: [
      `cookie: peerage-${INSTANCE}=${anyCookie}\r\n`,
      `authorization: Bearer ${anyToken}\r\n`,
      'origin: http://evil.example\r\n',
      `origin: http://${OWN_HOST}\r\n`,
      'range: bytes=0-5\r\n',
      'accept-encoding: br, gzip\r\n',
      'if-none-match: *\r\n',
      'content-length: 5\r\n',
      'transfer-encoding: chunked\r\n',
      `${anyFolder}/link`,
      `${anyFolder}/../canary.txt`,
      '/../canary.txt',
      '/..%2fcanary.txt',
      '/assets/../../canary.txt',
      '/page/dropped/..%2f..%2fcanary.txt',
      '/page/dropped/%00',
      '/page/dropped/CON',
      '/page/enter',
      '%2e%2e',
      '%ff',
      '//evil.example',
      '\r\n\r\n',
    ],
    maxBytes: 300_000,
    seeds: () => requests.map((request) => asTab(request, OWN_HOST)),
    mutate,
    async check(input) {
      server ??= await serve();
      return server.check(input);
    },
    close: async () => server?.close(),
  };
}

/** Who is answered early, since something wrong follows his request, may still have it run: `settled` resolves when nothing of any tab is under way. */
function watchCalls(page: Page): { readonly settled: () => Promise<void> } {
  let underWay = 0;
  const own = page.control.bind(page);
  page.control = (control) => {
    const api = own(control);
    return {
      subscribe: (listener) => api.subscribe(listener),
      async call(...given) {
        underWay++;
        try {
          return await api.call(...given);
        } finally {
          underWay--;
        }
      },
    };
  };
  return {
    async settled() {
      do await new Promise(setImmediate);
      while (underWay > 0);
    },
  };
}

interface Run {
  readonly command: ControlName;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A folder that the page may see, with a link out of it; the page's own files; and beside both what is nobody's. */
function layOut(): { readonly all: string; readonly home: string; readonly seen: string; readonly built: string } {
  const all = realpathSync(mkdtempSync(join(tmpdir(), 'peerage-fuzz-page-')));
  const [home, seen, built] = ['home', 'seen', 'built'].map((name) => join(all, name)) as [string, string, string];
  const outside = join(all, 'outside');
  for (const folder of [home, outside, join(seen, 'inside'), join(built, 'assets')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(all, 'canary.txt'), CANARY);
  writeFileSync(join(home, 'canary.txt'), CANARY);
  writeFileSync(join(seen, 'inside', 'a.txt'), 'seen');
  writeFileSync(join(outside, 'canary.txt'), CANARY);
  symlinkSync(outside, join(seen, 'link'));
  writeFileSync(join(built, 'index.html'), '<!doctype html>');
  writeFileSync(join(built, 'assets', 'index.js'), '1');
  return { all, home, seen, built };
}

async function serve() {
  const { all, home, seen, built } = layOut();
  const page = new Page({ served: true, roots: [seen], home, instance: INSTANCE, built });
  const { settled } = watchCalls(page);
  const ran: Run[] = [];
  const call = async (command: ControlName, params: unknown) => {
    const parsed = controlCommands[command].params.safeParse(params);
    if (!parsed.success) throw new PeerageError('usage', `${command}: ${parsed.error.issues[0]?.message}`);
    if (command === 'show_downloads')
      return { downloads: [{ group: 'team', file: 'a.bin', destination: join(all, 'canary.txt') }] };
    ran.push({ command, params: parsed.data });
    if (command === 'browse')
      return browseCommands.browse({ page } as Client, parsed.data as ControlParams<'browse'>, {});
    return {};
  };
  const served = await openServedControl(home, page, call);
  const { port } = served;
  const codeOf = (address: string): string => /code=(.+)$/.exec(address)![1]!;
  const session = await enter(port, codeOf(page.newAddress()));
  const before = filesOutside(all);

  async function check(input: Uint8Array): Promise<Outcome> {
    const written = Buffer.from(input).toString('latin1');
    if (/\/v1\/events/.test(written)) return refused('the event stream'); // it never ends
    const filled = Object.entries({
      [anyPort]: String(port),
      [anyToken]: session.secret,
      [anyCookie]: session.cookie,
      [anyCode]: written.includes(anyCode) ? codeOf(page.newAddress()) : '',
      [anyFolder]: seen,
    }).reduce((text, [what, value]) => text.replaceAll(what, value), written);
    ran.length = 0;
    const bytes = Buffer.from(lengthened(filled, written), 'latin1');
    const answer = (await talk(plainTo(port), [bytes], { quietMs: QUIET_MS, ends: ENDS_MS })).toString('latin1');
    await settled();
    served.demandNoDefect();
    demand(!answer.includes(CANARY), 'a file is shown that the page may not see');
    demand(filesOutside(all) === before, 'a file is written outside of the folder for what is dropped');
    for (const run of ran) demandAllowed(written, run, all);
    rmSync(join(home, 'dropped'), { recursive: true, force: true });
    if (answer === '') return refused('nothing');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
    demand(status >= 100 && status < 500, `answers ${answer.slice(0, 300)}`);
    demand(status >= 400 || !answer.includes(join(all, 'outside')), 'a folder is shown that the page may not see');
    if (status < 400) return accepted(`${status} ${ran[0]?.command}`);
    const code = /"code":"(\w+)"/.exec(answer)?.[1];
    demand(code === undefined || Object.hasOwn(errorTable, code), `refuses with ${code}`);
    return refused(`${status} ${code} ${ran[0]?.command}`);
  }
  return {
    check,
    async close() {
      await served.close();
      rmSync(all, { recursive: true });
    },
  };

  /** Whoever runs something shows both halves of a session and names this host; paths are inside. */
  function demandAllowed(written: string, { command, params }: Run, outside: string): void {
    demand(written.includes(`Bearer ${anyToken}`), `${command} runs for who shows no secret`);
    demand(written.includes(`peerage-${INSTANCE}=${anyCookie}`), `${command} runs for who shows no cookie`);
    demand(
      /\r\nhost:[ \t]*(127\.0\.0\.1|localhost):\{port\}[ \t]*\r\n/i.test(written),
      `${command} runs for another host`,
    );
    if (command !== 'upload_file') return;
    const real = realpathSync(params['path'] as string);
    const isInside = real === seen || real.startsWith(seen + sep) || real.startsWith(join(home, 'dropped') + sep);
    demand(isInside, `${command} is handed ${real.replace(outside, '')}`);
  }
}

/** What stands for something longer or shorter makes the body as long as it says. */
function lengthened(filled: string, written: string): string {
  const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
  const by = bodyOf(filled).length - bodyOf(written).length;
  return filled.replace(/(?<=\r\ncontent-length: )\d+(?=\r\n)/, (said) => String(Math.max(0, Number(said) + by)));
}

async function enter(port: number, code: string): Promise<{ readonly cookie: string; readonly secret: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/page/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const { secret } = (await answer.json()) as { secret: string };
  return { secret, cookie: /=([^;]+)/.exec(answer.headers.get('set-cookie')!)![1]! };
}

/** Paths of all files and folders but those that were dropped on the page. */
function filesOutside(folder: string): string {
  const dropped = join(folder, 'home', 'dropped');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => path !== dropped && !path.startsWith(dropped + sep))
    .sort()
    .join('\n');
}
