import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sha1IsCompiled } from '@peerage/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../scripts/drive/free-port.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** The package as people get it: packed, installed into an empty folder, far from the clone and its sources. */
describe('the packed program', () => {
  let folder: string;
  let peerage: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peerage-packed-'));
    await run('npm', ['pack', '-w', 'peerage', '--pack-destination', folder, '--loglevel=error'], { cwd: root });
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    const prefix = join(folder, 'prefix');
    const install = ['install', '-g', '--prefix', prefix, join(folder, tarball), '--prefer-offline', '--no-audit'];
    await run('npm', [...install, '--no-fund', '--loglevel=error'], { cwd: folder });
    peerage = join(prefix, 'bin', 'peerage');
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says its version, and brings its page for man', async () => {
    const { stdout } = await run(peerage, ['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const page = join(folder, 'prefix', 'share', 'man', 'man1', 'peerage.1');
    expect(readFileSync(page, 'utf8')).toContain('.TH PEERAGE 1');
  });

  it('brings the SHA-1 that was compiled for this platform, where one was', () => {
    const addon = `sha1-${process.platform}-${process.arch}.node`;
    const dist = join(folder, 'prefix', 'lib', 'node_modules', 'peerage', 'dist');
    expect(existsSync(join(dist, addon))).toBe(existsSync(join(root, 'packages/storage/dist', addon)));
  });

  it('runs a tracker and a client with all their threads, and stops them', async () => {
    const trackerInfo = join(folder, 'tracker_info.txt');
    writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
    writeFileSync(join(folder, 'my file.iso'), 'content');
    const tracker = spawn(peerage, ['tracker', trackerInfo, '1', '--data', join(folder, 'tracker')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: tracker.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toMatch(/^tracker 1 listening on 127\.0\.0\.1:\d+$/);

      const script = [
        'create_user alice secret',
        'login alice secret',
        'create_group team',
        "upload_file 'my file.iso' team",
        'list_files team',
      ];
      const client = execFile(
        peerage,
        ['client', '127.0.0.1:0', trackerInfo, '--home', join(folder, 'home'), '--json'],
        {
          cwd: folder,
        },
      );
      client.stdin!.end(`${script.join('\n')}\n`);
      const answers: unknown[] = [];
      for await (const line of createInterface({ input: client.stdout! })) answers.push(JSON.parse(line));
      expect(answers).toHaveLength(script.length);
      expect(answers.at(-1)).toMatchObject({
        command: 'list_files',
        ok: true,
        result: {
          files: [{ name: 'my file.iso', size: 7, sha1: '040f06fd774092478d450774f5ba30c5da78acc8', seeders: 1 }],
        },
      });

      const log = readFileSync(join(folder, 'home', 'log', 'client.log'), 'utf8');
      expect(log).toContain(sha1IsCompiled ? '"sha1":"compiled"' : '"sha1":"Node\'s own"');

      // In the background, spoken to by one-shot commands, with nothing of the clone.
      const env = { PATH: '/usr/bin:/bin', HOME: folder, XDG_RUNTIME_DIR: folder };
      const call = (...args: string[]) => run(peerage, args, { cwd: folder, env });
      await call('client', '--home', 'home', '--detach');
      expect(JSON.parse((await call('whoami', '--json')).stdout)).toMatchObject({ result: { user: 'alice' } });
      await call('download_file', 'team', 'my file.iso', 'copy.iso', '--wait');
      expect(readFileSync(join(folder, 'copy.iso'), 'utf8')).toBe('content');
      const { result } = JSON.parse((await call('open', '--json')).stdout) as { result: { address: string } };
      const page = await (await fetch(result.address)).text();
      const [asset = ''] = /\/assets\/[\w-]+\.js/.exec(page) ?? [];
      expect((await fetch(new URL(asset, result.address))).headers.get('content-type')).toContain('javascript');
      await call('stop');
    } finally {
      const ended = once(tracker, 'exit');
      tracker.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  });
});
