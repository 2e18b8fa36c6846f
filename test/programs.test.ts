import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../scripts/drive/free-port.ts';
import { startPeerage } from '../scripts/drive/peerage-process.ts';
import { runProgram } from './support/run-program.ts';

let folder: string;
let trackerInfo: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-programs-'));
  trackerInfo = join(folder, 'tracker_info.txt');
  writeFileSync(trackerInfo, `127.0.0.1:${await freePort()} # nobody listens here\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const home = (name: string): readonly string[] => ['--home', join(folder, name)];
const listening = { stream: 'stderr', pattern: /^client listening on / } as const;

const run = (args: readonly string[], input = '') => runProgram(args, input);

describe('the program', () => {
  it.each([
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['--help'], 0, /peerage client .*peerage --version/s],
    [['client', '--help'], 0, /peerage client/],
    [['help'], 0, /^create_user <user_id> \[<passwd>\] {2}/],
    [['help', 'wait'], 0, /^wait \[--timeout S\]: /],
    [['wait', '--help'], 0, /^wait \[--timeout S\]: .*example: wait --timeout 60/s],
    [['paths'], 0, /^clients {3}\//],
    [['nonsense', '--json'], 2, /^\{"command":null,"ok":false,"error":\{"code":"usage"/],
  ])('%j ends with %d and says so on stdout', async (args, code, out) => {
    expect(await run(args)).toEqual({ code, out: expect.stringMatching(out), err: '' });
  });

  it.each([
    [[], 2, /peerage client/],
    [['nonsense'], 2, /^error: .* \(usage\)\n$/],
    [['show_download'], 2, /^error: .*did you mean show_downloads\?.* \(usage\)\n$/],
    [['client'], 2, /^error: a client needs a tracker file, or --home .* \(usage\)\n$/],
    [['client', 'nowhere.txt'], 3, /^error: there is no tracker file 'nowhere.txt'.* \(path_not_found\)\n$/],
    [['client', tmpdir()], 4, /^error: .* \(path_not_readable\)\n$/],
    [['client', '--frobnicate', 'x'], 2, /^error: there is no option --frobnicate: .* \(usage\)\n$/],
    [['tracker', 'nowhere.txt', '1'], 3, /^error: .* \(path_not_found\)\n$/],
    [['tracker', 'x'], 2, /^error: .* \(usage\)\n$/],
    [['tracker', 'x', 'one'], 2, /^error: 'one' is no number of a tracker.* \(usage\)\n$/],
  ])('%j ends with %d and says why on stderr', async (args, code, err) => {
    expect(await run(args)).toEqual({ code, out: '', err: expect.stringMatching(err) });
  });

  it('names file and line of a bad tracker file', async () => {
    const bad = join(folder, 'bad.txt');
    writeFileSync(bad, '127.0.0.1:4000\nnot an address\n');
    expect(await run(['client', bad])).toMatchObject({ code: 2, err: expect.stringContaining(`${bad}, line 2: `) });
  });

  it('refuses a port where no member looks for peers', async () => {
    expect(await run(['client', '127.0.0.1:80', trackerInfo])).toMatchObject({
      code: 2,
      err: expect.stringContaining('below 1024'),
    });
  });
});

describe('a client process', () => {
  it('runs a script without a tracker, remembers its port, and ends with the script', async () => {
    const first = await run(['client', trackerInfo, ...home('port')], 'whoami\n');
    expect(first).toMatchObject({ code: 0, out: 'nobody is logged in\n' });
    const second = await run(['client', trackerInfo, ...home('port')], 'whoami\nlist_groups\nwhoami\n');
    expect(second).toMatchObject({ code: 5, out: 'nobody is logged in\n' });
    const where = (err: string) => /^client listening on (.*)$/m.exec(err)?.[1];
    expect(where(first.err)).toMatch(/^0\.0\.0\.0:\d+$/);
    expect(where(second.err)).toBe(where(first.err));
  });

  it('stays after its script until SIGTERM, and holds its home alone', async () => {
    const { process: client } = await startPeerage(['client', trackerInfo, ...home('held'), '--stay'], listening);
    const ended = once(client, 'exit');
    const answered = once(client.stdout!, 'data');
    client.stdin!.end('whoami\n');
    await answered;
    expect(await run(['client', trackerInfo, ...home('held')])).toMatchObject({
      code: 10,
      err: expect.stringContaining('(home_in_use)'),
    });
    client.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await run(['client', trackerInfo, ...home('held')])).toMatchObject({ code: 0 });
  });

  it('ends cleanly when nobody reads its answers', async () => {
    const { process: client } = await startPeerage(['client', trackerInfo, ...home('pipe')], listening);
    const ended = once(client, 'exit');
    client.stdout!.destroy();
    client.stdin!.write('help\n'.repeat(1000));
    expect(await ended).toEqual([0, null]);
  });

  describe('while a command runs', () => {
    let silent: Server;
    let silentInfo: string;
    const sockets = new Set<Socket>();
    beforeAll(async () => {
      silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      silentInfo = join(folder, 'silent.txt');
      writeFileSync(silentInfo, `127.0.0.1:${(silent.address() as AddressInfo).port}\n`);
    });
    afterAll(async () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
      await once(silent, 'close');
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('%s interrupts it', async (signal) => {
      const { process: client } = await startPeerage(['client', silentInfo, ...home(signal), '--json'], listening);
      const ended = once(client, 'exit');
      const out = text(client.stdout!);
      const asked = once(silent, 'connection');
      client.stdin!.write('create_user alice secret\nwhoami\n');
      await asked;
      client.kill(signal);
      expect(await ended).toEqual([130, null]);
      expect(await out).toBe(
        '{"command":"create_user","ok":false,"error":{"code":"interrupted","message":"create_user was interrupted"}}\n',
      );
    });
  });
});
