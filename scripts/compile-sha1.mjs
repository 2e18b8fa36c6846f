// Compiles packages/storage/native/sha1.c, once for each state of it. Plain JavaScript for any Node >= 20. Everything works without it, only
// slower: where it can't be made, that is said once, and tried again when a compiler or Node's headers appear.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const flags = ['-O3', '-s', '-shared', '-fPIC', '-fvisibility=hidden'];
const platform = `${process.platform}-${process.arch}`;
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** What lies in packages/storage/dist afterwards: sha1-<platform>-<arch>.node, and a .json that says what it was made of and its SHA-256. */
export function compileSha1(root, node) {
  try {
    const problem = setUp(root, node);
    if (problem !== undefined) tell(problem);
  } catch (error) {
    tell(error.message);
  }
}

const tell = (problem) =>
  process.stderr.write(`peerage: hashing uses Node's own SHA-1, which takes longer: ${problem}\n`);

/** What is to be told, if anything. */
function setUp(root, node) {
  const source = join(root, 'packages/storage/native/sha1.c');
  const folder = join(root, 'packages/storage/dist');
  const addon = join(folder, `sha1-${platform}.node`);
  const record = join(folder, `sha1-${platform}.json`);
  const wanted = sha256(readFileSync(source), flags.join(' '), platform);
  const before = recordIn(record);
  if (before.source === wanted && before.sha256 !== undefined && existsSync(addon)) return undefined;
  const compiler = onPath(['cc', 'gcc', 'clang']);
  const headers = headersOf(root, node);
  const tried = `${compiler} ${headers}`;
  if (before.source === wanted && before.tried === tried) return undefined;

  mkdirSync(folder, { recursive: true });
  const made = `${addon}.${process.pid}`;
  try {
    const problem = compile(compiler, headers, source, made);
    if (problem === undefined) {
      const sum = sha256(readFileSync(made));
      renameSync(made, addon);
      note(record, { source: wanted, sha256: sum });
    } else {
      rmSync(addon, { force: true });
      note(record, { source: wanted, tried });
    }
    return problem;
  } finally {
    rmSync(made, { force: true });
  }
}

function compile(compiler, headers, source, made) {
  if (platform !== 'linux-x64') return 'its own is for Linux on x64 only';
  if (compiler === undefined)
    return 'there is no C compiler to make its own with (Debian: apt-get install gcc libc6-dev)';
  if (headers === undefined) return "Node's headers are missing (include/node beside its bin)";
  const { status, stderr, error } = spawnSync(compiler, [...flags, `-I${headers}`, '-o', made, source], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const why = error?.message ?? stderr.split('\n').find((line) => /\berror\b/.test(line)) ?? `exit code ${status}`;
  return `${compiler} failed (${why})`;
}

function recordIn(record) {
  try {
    return JSON.parse(readFileSync(record, 'utf8'));
  } catch {
    return {}; // not there, or damaged: made anew
  }
}

/** Others may set up the same clone at the same time: what they find is whole. */
function note(record, what) {
  writeFileSync(`${record}.${process.pid}`, JSON.stringify(what));
  renameSync(`${record}.${process.pid}`, record);
}

const onPath = (names) =>
  names
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((program) => existsSync(program));

const headersOf = (root, node) =>
  [dirname(dirname(node)), join(root, 'node_modules', `node-${process.platform}-${process.arch}`)]
    .map((home) => join(home, 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')));
