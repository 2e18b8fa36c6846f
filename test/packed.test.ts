import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
    const installed = join(folder, 'installed');
    mkdirSync(installed);
    await run('npm', ['pack', '-w', 'peerage', '--pack-destination', folder, '--loglevel=error'], { cwd: root });
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    const install = ['install', '--prefix', installed, join(folder, tarball), '--prefer-offline', '--no-audit'];
    await run('npm', [...install, '--no-fund', '--loglevel=error'], { cwd: installed });
    peerage = join(installed, 'node_modules', '.bin', 'peerage');
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says its version', async () => {
    const { stdout } = await run(peerage, ['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
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
    } finally {
      const ended = once(tracker, 'exit');
      tracker.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  });
});
