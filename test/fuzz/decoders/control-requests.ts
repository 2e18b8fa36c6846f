import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlName, controlCommands, errorTable, PeerageError } from '@peerage/contract';
import type { Random } from '@peerage/swarm';
import { Page } from '../../../packages/client/src/control/page/page.ts';
import { accepted, demand, type OpenedDecoder, type Outcome, refused } from '../decoder.ts';
import { type HttpInput, mutateHttp } from '../http-inputs.ts';
import { plainTo, talk } from '../live/talk.ts';
import { anyToken, partsOf, rawOf } from '../raw-http.ts';
import { INSTANCE, openServedControl } from './served-control.ts';

/** Stands in inputs for the port, which is another one in every run. */
const anyPort = '{port}';
const OWN_HOST = `127.0.0.1:${anyPort}`;
const QUIET_MS = 5_000;

const commands: Readonly<Partial<Record<ControlName, object>>> = {
  whoami: {},
  login: { user: 'alice', password: 'secret' },
  list_files: { group: 'team' },
  upload_file: { path: '/tmp/film.mkv', group: 'team', cwd: '/tmp' },
  download_file: { group: 'team', file: 'film.mkv', destination: '/tmp/copy', cwd: '/tmp' },
  wait: { timeoutMs: 5 },
};

/** Right requests of some commands, of the way into the page and of a dropped file; the other commands are words. */
function seeds(): Uint8Array[] {
  const asked = Object.entries(commands).map(([name, body]) => post(`/v1/commands/${name}`, body));
  const dropped = {
    method: 'PUT',
    path: '/page/dropped/a.bin',
    session: true,
    contentType: 'application/octet-stream',
    body: 'x',
  };
  return [...asked, post('/page/enter', { code: 'x'.repeat(32) }), dropped].map((each) => rawOf(each, OWN_HOST));
}

const post = (path: string, body: object): HttpInput => ({
  method: 'POST',
  path,
  session: true,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

function mutate(input: Uint8Array, random: Random): Uint8Array {
  const request = partsOf(input);
  if (request === undefined) return input;
  const host = random.chance(0.9)
    ? OWN_HOST
    : random.pick(['localhost:{port}', '127.0.0.1', 'evil.example', '127.0.0.1:{port}.evil', ''])!;
  return rawOf(
    JSON.parse(Buffer.from(mutateHttp(Buffer.from(JSON.stringify(request)), random)).toString()) as HttpInput,
    host,
  );
}

/**
 * The control API of a client on loopback, as it lies on the wire, with commands that do nothing but check their words. What must hold: nothing runs for who does not
 * show the token and name this very host; every refusal is one of the table.
 */
export function openControlRequests(): OpenedDecoder {
  let server: Awaited<ReturnType<typeof serve>> | undefined;
  return {
    name: 'control-requests',
    words: [
      'origin: http://evil.example\r\n',
      `origin: http://${OWN_HOST}\r\n`,
      `host: ${OWN_HOST}\r\n`,
      'accept: application/x-ndjson\r\n',
      'cookie: peerage-abcd=x\r\n',
      'last-event-id: abcd.1\r\n',
      'transfer-encoding: chunked\r\n',
      'content-length: 5\r\n',
      'expect: 100-continue\r\n',
      'upgrade: websocket\r\n',
      '/v1/commands/__proto__',
      ...Object.keys(controlCommands).map((name) => `/v1/commands/${name}`),
      '/page/enter',
      '/page/dropped/..%2f',
      '%ff',
      '//evil.example',
      '\r\n\r\n',
    ],
    maxBytes: 300_000,
    seeds,
    mutate,
    async check(input) {
      server ??= await serve();
      return server.check(input);
    },
    close: async () => server?.close(),
  };
}

async function serve() {
  const home = mkdtempSync(join(tmpdir(), 'peerage-fuzz-control-'));
  let ran: ControlName | undefined;
  const call = async (command: ControlName, params: unknown) => {
    const parsed = controlCommands[command].params.safeParse(params);
    if (!parsed.success) throw new PeerageError('usage', `${command}: ${parsed.error.issues[0]?.message}`);
    ran = command;
    return {};
  };
  const page = new Page({ served: false, roots: [home], home, instance: INSTANCE });
  const served = await openServedControl(home, page, call);
  const { port, token } = served;

  async function check(input: Uint8Array): Promise<Outcome> {
    const written = Buffer.from(input).toString('latin1');
    // The event stream never ends, so it is not asked for in this way.
    if (/\/v1\/events/.test(written)) return refused('the event stream');
    const bytes = Buffer.from(written.replaceAll(anyPort, String(port)).replaceAll(anyToken, token), 'latin1');
    ran = undefined;
    const answer = (await talk(plainTo(port), [bytes], { quietMs: QUIET_MS, ends: true })).toString('latin1');
    served.demandNoDefect();
    if (ran !== undefined) {
      demand(written.includes(`Bearer ${anyToken}`), `${ran} runs for who shows no token`);
      demand(
        /\r\nhost:[ \t]*(127\.0\.0\.1|localhost):\{port\}[ \t]*\r\n/i.test(written),
        `${ran} runs for who names another host`,
      );
      const [head = '', ...more] = written.split('\r\n\r\n');
      const isOne = more.every((rest) => !rest.includes('HTTP/1.'));
      demand(!isOne || !/\r\norigin:[ \t]*http:\/\/evil/i.test(head), `${ran} runs for another page`);
    }
    demand(!existsSync(join(home, 'dropped')), 'a file is kept for who is no page');
    if (answer === '') return refused('nothing');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
    demand(status >= 100 && status < 500, `answers ${answer.slice(0, 300)}`);
    if (status < 300) return accepted(`${status} ${ran}`);
    const code = /"code":"(\w+)"/.exec(answer)?.[1];
    demand(code === undefined || Object.hasOwn(errorTable, code), `refuses with ${code}`);
    return refused(`${status} ${code} ${ran}`);
  }
  return {
    check,
    async close() {
      await served.close();
      rmSync(home, { recursive: true });
    },
  };
}
