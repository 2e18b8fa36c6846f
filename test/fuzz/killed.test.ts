import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { endsWithParent } from '../../scripts/drive/ends-with-parent.ts';

const STARTER = `
  const { TrackerProcess } = await import('./scripts/drive/tracker-process.ts');
  const { freePort } = await import('./scripts/drive/free-port.ts');
  const { writeFileSync } = await import('node:fs');
  const [folder] = process.argv.slice(1);
  writeFileSync(folder + '/tracker_info.txt', '127.0.0.1:' + (await freePort()) + '\\n');
  const tracker = await TrackerProcess.start(folder + '/tracker_info.txt', 1, folder + '/data');
  console.log(tracker.process.pid);
  process.kill(process.pid, 'SIGKILL');
`;

test.skipIf(endsWithParent.length === 0)('programs that a killed run has started end with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-killed-'));
  try {
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', STARTER, folder], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, [, signal]] = await Promise.all([text(starter.stdout), once(starter, 'exit')]);
    expect(signal).toBe('SIGKILL');
    const tracker = Number(said);
    expect(tracker).toBeGreaterThan(1);
    await expect.poll(() => isRunning(tracker), { timeout: 5_000 }).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
