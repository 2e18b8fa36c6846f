import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/drive/free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8');
/** Says on its own line that the next block begins. */
const MARK = '=== next block ===';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-tutorial-'));
  mkdirSync(join(folder, 'run'));
  // Where a reader stands: in the clone, which has its packages.
  mkdirSync(join(folder, 'clone'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'clone', 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether what was said is what the page shows, `…` standing for anything within a line. */
const pattern = (shown: string): RegExp =>
  new RegExp(
    `^${shown
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

it('the tutorial answers as it says', async () => {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```\n\n^```text\n(.*?)^```$/gms)].map(([, commands, shown]) => ({
    commands: commands!,
    shown: shown!.trimEnd(),
  }));
  expect(blocks.length).toBeGreaterThanOrEqual(8);
  expect(page.match(/^```sh$/gm)).toHaveLength(blocks.length);
  // Its port may be taken on a machine where tests run: all that is changed.
  const port = String(await freePort());
  const script = blocks.map(({ commands }) => `${commands}echo '${MARK}'\n`).join('');
  const shell = spawn('bash', ['-e', '-o', 'pipefail'], {
    cwd: join(folder, 'clone'),
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NO_COLOR: '1',
      XDG_RUNTIME_DIR: join(folder, 'run'),
      XDG_DATA_HOME: join(folder, 'data'),
    },
  });
  shell.stdin.end(script.replaceAll('7700', port));
  const ended = once(shell, 'close');
  const [out, err] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  const said = out.replaceAll(port, '7700').split(`${MARK}\n`);
  for (const [at, { shown }] of blocks.entries()) {
    expect(said[at]?.trimEnd(), `behind block ${at + 1}:\n${err}`).toMatch(pattern(shown));
  }
  expect(await ended).toEqual([0, null]);
});
