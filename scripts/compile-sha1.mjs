// Compiles packages/storage/native/sha1.c, once for each state of it. Plain JavaScript for any Node >= 20. Everything works without it, only
// slower: where it can't be made, that is said once, and tried again when a compiler or Node's headers appear.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const flags = ['-O3', '-s', '-shared', '-fPIC', '-fvisibility=hidden'];
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** What lies in packages/storage/dist afterwards: sha1-<platform>-<arch>.node, and a .json that says what it was made of and its SHA-256. */
export function compileSha1(root, node) {
  const platform = `${process.platform}-${process.arch}`;
  const source = join(root, 'packages/storage/native/sha1.c');
  const folder = join(root, 'packages/storage/dist');
  const addon = join(folder, `sha1-${platform}.node`);
  const record = join(folder, `sha1-${platform}.json`);
  const wanted = sha256(readFileSync(source), flags.join(' '), platform);

  const before = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  if (before.source === wanted && before.sha256 !== undefined && existsSync(addon)) return;
  const compiler = onPath(['cc', 'gcc', 'clang']);
  const headers = headersOf(root, node);
  if (before.source === wanted && before.tried === `${compiler} ${headers}`) return;

  mkdirSync(folder, { recursive: true });
  const problem = compile();
  if (problem === undefined) return;
  rmSync(addon, { force: true });
  note({ source: wanted, tried: `${compiler} ${headers}` });
  process.stderr.write(`peerage: hashing uses Node's own SHA-1, which takes longer: ${problem}\n`);

  function compile() {
    if (platform !== 'linux-x64') return 'its own is for Linux on x64 only';
    if (compiler === undefined)
      return 'there is no C compiler to make its own with (Debian: apt-get install gcc libc6-dev)';
    if (headers === undefined) return "Node's headers are missing (include/node beside its bin)";
    const made = `${addon}.${process.pid}`;
    try {
      const result = spawnSync(compiler, [...flags, `-I${headers}`, '-o', made, source], { encoding: 'utf8' });
      if (result.status !== 0) {
        const first = (result.error?.message ?? result.stderr).split('\n').find((line) => line !== '');
        return `${compiler} failed (${first ?? `exit code ${result.status}`})`;
      }
      const sum = sha256(readFileSync(made));
      renameSync(made, addon);
      note({ source: wanted, sha256: sum });
    } finally {
      rmSync(made, { force: true });
    }
  }

  /** Others may set up the same clone at the same time: what they find is whole. */
  function note(what) {
    writeFileSync(`${record}.${process.pid}`, JSON.stringify(what));
    renameSync(`${record}.${process.pid}`, record);
  }
}

const onPath = (names) =>
  names
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((program) => existsSync(program));

const headersOf = (root, node) =>
  [dirname(dirname(node)), join(root, 'node_modules', `node-${process.platform}-${process.arch}`)]
    .map((home) => join(home, 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')));
