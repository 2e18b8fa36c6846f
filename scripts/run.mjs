// The one entry of every npm script. Plain JavaScript for any Node >= 20: it sets the clone up (installs when the lock file changed,
// compiles what is C), finds the pinned Node 24 and runs the task with it. Usage: node scripts/run.mjs <task> [args…]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileSha1 } from './compile-sha1.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.peerage-setup');

function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.signal) process.kill(process.pid, result.signal);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function setUp() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('peerage: installing what the lock file names (once) …\n');
  // Not 'npm ci': it refuses a lock file made where the registry does not serve every platform's optional binaries.
  // stdout belongs to the task (a script may read it): the installer reports on stderr.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, wanted);
}

function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  process.stderr.write(
    `peerage: needs Node 24, this is ${process.versions.node}, and no packaged Node exists for ${process.platform}-${process.arch}: install Node 24 and try again\n`,
  );
  process.exit(1);
}

/** The page is built once for each state of its sources; a second or two. */
function buildPage(node) {
  const sources = ['packages/web', 'packages/contract/src', 'package-lock.json'];
  const wanted = createHash('sha256');
  for (const file of sources.flatMap((source) => filesIn(join(root, source))))
    wanted.update(file).update(readFileSync(file));
  const built = join(root, 'packages/web/dist/.built');
  const hash = wanted.digest('hex');
  if (existsSync(built) && readFileSync(built, 'utf8') === hash) return;
  process.stderr.write('peerage: building the page (once for each change of it) …\n');
  run(node, [bin('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn', 'packages/web'], { stdio: ['ignore', 2, 2] });
  writeFileSync(built, hash);
}

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !/[/\\](dist|node_modules)[/\\]/.test(file))
    .sort();
}

const bin = (name, file) => join(root, 'node_modules', name, file);
const tasks = {
  start: (node, args) => {
    buildPage(node);
    run(node, ['scripts/start.ts', ...args]);
  },
  demo: (node, args) => run(node, ['scripts/demo.ts', ...args]),
  // Room for what is on its way in a crowd of a thousand: it is not to be copied about while it is young.
  sim: (node, args) => run(node, ['--max-semi-space-size=128', 'packages/sim/src/main.ts', ...args]),
  bench: (node, args) => {
    buildPage(node);
    run(node, ['bench/main.ts', ...args]);
  },
  weaken: (node, args) => run(node, ['scripts/weaken.ts', ...args]),
  fuzz: (node, args) => run(node, ['scripts/fuzz.ts', ...args]),
  explore: (node, args) => run(node, ['scripts/explore.ts', ...args]),
  chaos: (node, args) => run(node, ['scripts/chaos.ts', ...args]),
  docs: (node, args) => run(node, ['scripts/docs.ts', ...args]),
  build: (node, args) => {
    buildPage(node);
    run(node, ['scripts/build.ts', ...args]);
  },
  format: (node) => run(node, [bin('@biomejs/biome', 'bin/biome'), 'check', '--write', '.']),
  check: (node) => {
    run(node, [bin('@biomejs/biome', 'bin/biome'), 'ci', '--error-on-warnings', '.']);
    run(node, [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json']);
    run(node, [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.pure.json']);
    run(node, [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.web.json']);
    run(node, [
      bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.json',
      'packages',
      'scripts',
      'test',
      'bench',
    ]);
    run(node, [bin('knip', 'bin/knip.js')]);
  },
  test: (node, args) => {
    if (args.length === 0) tasks.check(node);
    buildPage(node);
    run(node, [bin('vitest', 'vitest.mjs'), 'run', ...args]);
  },
};

if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`peerage: needs Node 20 or newer to start, this is ${process.versions.node}\n`);
  process.exit(1);
}
const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  process.stderr.write(`peerage: no task '${name}': one of ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
setUp();
const node = node24();
compileSha1(root, node);
task(node, args);
