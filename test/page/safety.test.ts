import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Who may speak through the page, and what of the machine it reaches: raw requests, each beside the same one from a tab that was let in. */
describe('the page keeps others out', () => {
  let folder: string;
  let tracker: TrackerProcess;
  let client: ClientProcess;
  let address: URL;
  let tab: { cookie: string; authorization: string };

  function send({ method = 'POST', path, headers = {}, body }: Sent) {
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      headers: NodeJS.Dict<string | string[]>;
      text: string;
    }>();
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: address.port,
        method,
        path,
        agent: false,
        headers: { host: address.host, ...headers },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
    return promise;
  }
  const json = { 'content-type': 'application/json' };
  const command = (name: string, params: object, headers: Readonly<Record<string, string>> = {}) =>
    send({ path: `/v1/commands/${name}`, headers: { ...json, ...headers }, body: JSON.stringify(params) });
  const enter = (code: string) => send({ path: '/page/enter', headers: json, body: JSON.stringify({ code }) });

  async function letIn() {
    address = new URL((await client.do('open')).address);
    const answer = await enter(address.hash.slice('#code='.length));
    expect(answer.status).toBe(200);
    const [cookie = ''] = answer.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    return {
      cookie: cookie.split(';')[0]!,
      authorization: `Bearer ${(JSON.parse(answer.text) as { secret: string }).secret}`,
    };
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peerage-page-'));
    const trackerInfo = join(folder, 'tracker_info.txt');
    writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
    mkdirSync(join(folder, 'seen', 'inside'), { recursive: true });
    writeFileSync(join(folder, 'seen', 'file.bin'), 'content');
    writeFileSync(join(folder, 'unseen.txt'), 'private');
    symlinkSync(folder, join(folder, 'seen', 'way-out'));
    symlinkSync(join(folder, 'unseen.txt'), join(folder, 'seen', 'way-out.txt'));
    tracker = await TrackerProcess.start(trackerInfo, 1, join(folder, 'tracker'));
    client = await ClientProcess.start(trackerInfo, join(folder, 'seen', 'home'), {
      env: { HOME: join(folder, 'seen') },
    });
    await client.do('create_user', 'alice', 'secret');
    await client.do('login', 'alice', 'secret');
    await client.do('create_group', 'team');
    tab = await letIn();
  });
  afterAll(async () => {
    await client?.stop();
    await tracker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers a tab that was let in', async () => {
    const answer = await command('whoami', {}, tab);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ user: 'alice' });
  });

  it.each([
    ['without anything', () => ({})],
    ['without the cookie', () => ({ authorization: tab.authorization })],
    ['without the secret', () => ({ cookie: tab.cookie })],
    [
      'with a cookie of another time',
      () => ({ ...tab, cookie: tab.cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }),
    ],
    ['for another host', () => ({ ...tab, host: 'attacker.example' })],
    ['for another port', () => ({ ...tab, host: '127.0.0.1:1' })],
    ['from another page', () => ({ ...tab, origin: 'https://attacker.example' })],
    ['from a page on another port', () => ({ ...tab, origin: 'http://127.0.0.1:1' })],
    ['from a page without an origin', () => ({ ...tab, origin: 'null' })],
  ])('refuses a command %s, the events and dropped files too', async (_, headers) => {
    for (const sent of [
      {
        path: '/v1/commands/create_group',
        headers: { ...json, ...headers() },
        body: JSON.stringify({ group: 'stolen' }),
      },
      { method: 'GET', path: '/v1/events', headers: headers() },
      { method: 'PUT', path: '/page/dropped/a.txt', headers: headers(), body: 'x' },
    ]) {
      const { status, text, headers: answered } = await send(sent);
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, 'foreign_caller']);
      expect(answered['access-control-allow-origin']).toBeUndefined();
    }
    const { groups } = await client.do('list_groups');
    expect(groups.map(({ id }) => id)).toEqual(['team']);
  });

  it('lets nobody in twice with one code, nor with a guess, nor from another page', async () => {
    const used = address.hash.slice('#code='.length);
    expect((await enter(used)).status).toBe(403);
    expect((await enter('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).status).toBe(403);
    const fresh = new URL((await client.do('open')).address).hash.slice('#code='.length);
    const foreign = await send({
      path: '/page/enter',
      headers: { ...json, origin: 'https://attacker.example' },
      body: JSON.stringify({ code: fresh }),
    });
    expect(foreign.status).toBe(403);
    expect((await enter(fresh)).status).toBe(200); // and the code is not used up by that
  });

  it('writes the way in where only its user reads it', async () => {
    const { file } = await client.do('open');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('url=http://127.0.0.1:');
  });

  it('runs no script but its own, and stands in no frame', async () => {
    const { headers } = await send({ method: 'GET', path: '/' });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect((await send({ method: 'GET', path: '/%2e%2e/%2e%2e/package.json' })).text).not.toContain('"dependencies"');
  });

  it.each([
    ['the folder above', () => folder],
    ['a file beside it', () => join(folder, 'unseen.txt')],
    ['a way out by dots', () => `${join(folder, 'seen')}/inside/../../unseen.txt`],
    ['a link to a folder outside', () => join(folder, 'seen', 'way-out')],
    ['a link to a file outside', () => join(folder, 'seen', 'way-out.txt')],
    ["the client's own home", () => join(folder, 'seen', 'home')],
    ['a key in the home', () => join(folder, 'seen', 'home', 'control.json')],
    ['nothing, outside', () => join(folder, 'no-such-file')],
  ])('neither shows, shares nor writes %s', async (_, path) => {
    for (const [name, params] of [
      ['browse', { path: path() }],
      ['upload_file', { path: path(), group: 'team', cwd: '/' }],
      ['download_file', { group: 'team', file: 'x', destination: path(), cwd: '/' }],
    ] as const) {
      const answer = await command(name, params, tab);
      expect([name, (JSON.parse(answer.text) as { code: string }).code]).toEqual([name, 'path_not_allowed']);
    }
  });

  it('shows and shares what is inside, and not the home', async () => {
    const top = await command('browse', {}, tab);
    expect(JSON.parse(top.text)).toMatchObject({
      path: null,
      entries: [{ path: join(folder, 'seen'), kind: 'folder' }],
    });
    const answer = await command('browse', { path: join(folder, 'seen') }, tab);
    const { entries, free_bytes } = JSON.parse(answer.text) as { entries: { name: string }[]; free_bytes: number };
    expect(entries.map(({ name }) => name)).toEqual(['inside', 'file.bin']);
    expect(free_bytes).toBeGreaterThan(0);
    const shared = await command(
      'upload_file',
      { path: join(folder, 'seen', 'file.bin'), group: 'team', cwd: '/' },
      tab,
    );
    expect(shared.status).toBe(200);
  });

  it('keeps a dropped file whole under its own name, and refuses names that are none', async () => {
    const kept = await send({ method: 'PUT', path: '/page/dropped/my%20file.txt', headers: tab, body: 'dropped' });
    const { path } = JSON.parse(kept.text) as { path: string };
    expect(readFileSync(path, 'utf8')).toBe('dropped');
    expect((await command('upload_file', { path, group: 'team', cwd: '/' }, tab)).status).toBe(200);
    for (const name of ['..%2f..%2fevil', '%00', 'a%2fb', '%ff', 'CON']) {
      const refused = await send({ method: 'PUT', path: `/page/dropped/${name}`, headers: tab, body: 'x' });
      expect([name, (JSON.parse(refused.text) as { code: string }).code]).toEqual([name, 'unsafe_name']);
    }
  });

  it('knows no tab of an earlier run', async () => {
    const trackerInfo = join(folder, 'tracker_info.txt');
    await client.stop();
    client = await ClientProcess.start(trackerInfo, join(folder, 'seen', 'home'), {
      env: { HOME: join(folder, 'seen') },
    });
    const old = tab;
    tab = await letIn();
    expect((await command('whoami', {}, old)).status).toBe(403);
    expect((await command('whoami', {}, tab)).status).toBe(200);
  });
});
