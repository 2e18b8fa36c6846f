import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerage } from '../../scripts/drive/peerage-process.ts';
import { QuietPlace } from '../support/quiet-place.ts';
import { sha1Of, writeRandomFile } from '../support/team.ts';

let place: QuietPlace;
let folder: string;
let trackerInfo: string;
const run: QuietPlace['run'] = (args, options) => place.run(args, options);

beforeAll(async () => {
  place = new QuietPlace();
  folder = place.folder;
  trackerInfo = await place.startTracker();
});
afterAll(() => place.close());

const homeOf = (name: string) => ['--home', join(folder, name)];
const start = (name: string) => run(['client', '127.0.0.1:0', trackerInfo, ...homeOf(name), '--detach']);

describe('one-shot commands', () => {
  it('say that no client runs, and start one in the background', async () => {
    expect(await run(['whoami'])).toMatchObject({ code: 3, err: expect.stringContaining('(no_client)') });
    expect(await run(['whoami', '--json', ...homeOf('alice')])).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^\{"command":"whoami","ok":false,"error":\{"code":"no_client",.*\n$/),
    });
    const started = await start('alice');
    expect(started).toMatchObject({ code: 0, err: expect.stringMatching(/^client listening on 127\.0\.0\.1:\d+\n$/) });
    expect(started.out).toContain(join(folder, 'alice'));
    expect(await start('alice')).toMatchObject({ code: 10, err: expect.stringContaining('(home_in_use)') });
    expect(await run(['client', 'nowhere.txt', '--detach'])).toMatchObject({ code: 3, out: '' });
  });

  it('reach the only running client, with secrets from standard input', async () => {
    expect(await run(['create_user', 'alice'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--password-stdin'),
    });
    expect(await run(['create_user', 'alice', '--password-stdin'], { input: 'secret\n' })).toMatchObject({ code: 0 });
    expect(await run(['login', 'alice', '--password-stdin'], { input: 'wrong\n' })).toMatchObject({
      code: 5,
      err: expect.stringContaining('(bad_credentials)'),
    });
    expect(await run(['login', 'alice', '--password-stdin'], { input: 'secret\n' })).toMatchObject({
      code: 0,
      out: 'logged in as alice\n',
    });
    expect(await run(['passwd', '--password-stdin'], { input: 'secret\nnew one\n' })).toMatchObject({ code: 0 });
    expect(await run(['whoami', '--json'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^\{"command":"whoami","ok":true,"result":\{"user":"alice","device":"[0-9a-f]+"\}\}\n$/,
      ),
    });
  });

  it('resolve paths where they are called', async () => {
    mkdirSync(join(folder, 'films'));
    writeRandomFile(join(folder, 'films', 'my film.mkv'), 3);
    await run(['create_group', 'team']);
    expect(await run(['upload_file', 'my film.mkv', 'team'])).toMatchObject({ code: 3 });
    expect(await run(['upload_file', 'my film.mkv', 'team'], { cwd: join(folder, 'films') })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^shared \[team\] my film\.mkv: 3\.1 MB, 6 pieces/),
    });
  });

  it('list the running clients and ask where there are several', async () => {
    expect(await start('bob')).toMatchObject({ code: 0 });
    const { code, err } = await run(['whoami']);
    expect(code).toBe(2);
    expect(err).toContain(`--home ${join(folder, 'alice')} or --home ${join(folder, 'bob')}`);
    expect(JSON.parse((await run(['paths', '--json'])).out)).toMatchObject({
      clients_running: [
        { home: join(folder, 'alice'), user: 'alice' },
        { home: join(folder, 'bob'), user: null },
      ],
    });
  });

  it('run a script in the shell of a client in the background', async () => {
    const script = 'create_user bob secret\nlogin bob secret\njoin_group team\n';
    expect(await run(['shell', ...homeOf('bob'), '--json'], { input: script })).toMatchObject({ code: 0 });
    expect(await run(['accept_request', 'team', 'bob', ...homeOf('alice')])).toMatchObject({ code: 0 });
  });

  it('wait for a download and end as it ends', async () => {
    const got = await run(['download_file', 'team', 'my film.mkv', './got.mkv', '--wait', ...homeOf('bob')]);
    expect(got).toEqual({ code: 0, out: `fetched [team] my film.mkv to ${join(folder, 'got.mkv')}\n`, err: '' });
    expect(await sha1Of(join(folder, 'got.mkv'))).toBe(await sha1Of(join(folder, 'films', 'my film.mkv')));
    writeFileSync(join(folder, 'other.mkv'), 'something else');
    expect(await run(['download_file', 'team', 'my film.mkv', 'other.mkv', '--wait', ...homeOf('bob')])).toMatchObject({
      code: 10,
      err: expect.stringContaining('(destination_exists)'),
    });
  });

  it('are interrupted by Ctrl-C, and the client goes on', async () => {
    // The entry ends with its seeder: what is fetched then waits.
    await run(['shell', ...homeOf('alice')], { input: 'create_group lone\n' });
    writeFileSync(join(folder, 'lone.bin'), 'content');
    await run(['upload_file', 'lone.bin', 'lone', ...homeOf('alice')]);
    await run(['join_group', 'lone', ...homeOf('bob')]);
    await run(['accept_request', 'lone', 'bob', ...homeOf('alice')]);
    await run(['stop', ...homeOf('alice')]);
    const args = ['download_file', 'lone', 'lone.bin', 'lone.got', '--wait', ...homeOf('bob')];
    const child = spawn(peerage, args, { env: place.env, cwd: folder });
    const err = text(child.stderr);
    const ended = once(child, 'close');
    for (;;) {
      const { out } = await run(['show_downloads', ...homeOf('bob')]);
      if (out.includes('[W] [lone] lone.bin')) break;
    }
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(await err).toContain('(interrupted)');
    expect((await run(['show_downloads', ...homeOf('bob')])).out).toContain('[W] [lone] lone.bin');
    expect(await run(['wait', '--timeout', '0', ...homeOf('bob')])).toMatchObject({ code: 7 });
    // It comes back without a tracker file, logs in by itself, and the download ends.
    expect(await run(['client', ...homeOf('alice'), '--detach'])).toMatchObject({ code: 0 });
    expect(await run(['wait', ...homeOf('bob')])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'lone.got'), 'utf8')).toBe('content');
  });

  it('stop a client and return when its home is free', async () => {
    expect(await run(['stop', ...homeOf('bob')])).toEqual({ code: 0, out: 'the client ends\n', err: '' });
    expect(existsSync(join(folder, 'bob', 'control.json'))).toBe(false);
    expect(await start('bob')).toMatchObject({ code: 0 });
  });

  it.each([
    ['exit', 2, /peerage stop/],
    ['whoami --home', 2, /--home/],
    ['show_download', 2, /did you mean show_downloads/],
  ])('%s ends with %d and says why', async (words, code, why) => {
    expect(await run(words.split(' '))).toEqual({ code, out: '', err: expect.stringMatching(why) });
  });
});
