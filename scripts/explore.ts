// Property tests with inputs that no run has drawn yet: npm run explore [-- seconds [words of files]]; a failure prints the seed that repeats it.
// Exit code 1 where a property fails.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const [seconds = '300', ...words] = process.argv.slice(2);
const untilMs = Date.now() + Number(seconds) * 1000;
if (!Number.isFinite(untilMs) || Number(seconds) <= 0) {
  process.stderr.write(`explore: '${seconds}' is no number of seconds: say for example npm run explore -- 300\n`);
  process.exit(2);
}
const files = globSync('packages/*/src/**/*.test.ts', { cwd: root })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'"));
if (files.length === 0) {
  process.stderr.write(`explore: no property tests in files named like ${words.join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(`explore: the property tests of ${files.length} files, again and again for ${seconds} s\n`);

let runs = 0;
for (; runs === 0 || Date.now() < untilMs; runs++) {
  const seed = randomInt(2 ** 31);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--project', 'unit', ...files], {
    cwd: root,
    env: { ...process.env, PEERAGE_SEED: String(seed) },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) continue;
  process.stdout.write(`${stdout}\nexplore: red; again with PEERAGE_SEED=${seed} npm test -- <the file>\n`);
  process.exit(1);
}
process.stdout.write(`explore: ${runs} ${runs === 1 ? 'run' : 'runs'} with other inputs each, no property failed\n`);
