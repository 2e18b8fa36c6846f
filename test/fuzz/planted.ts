import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type PlantedBug, plantedBugs } from './planted-bugs.ts';
import { columns } from './report.ts';

/** A search that takes longer by the clock, on whatever machine, is none. */
const MOST_MS = 600_000;
/** Saved inputs come first: by then each decoder had its turn. */
const REPLAY_SECONDS = 8;

/** Copies in which bugs are looked for at the same time. */
const COPIES = 2;

/**
 * Plants one bug after the other in copies of the sources and lets the fuzzer, all decoders in turns, look for it.
 * Returns whether every one was found within `seconds`.
 */
export async function findPlanted(
  root: string,
  seconds: number,
  seed: number,
  say: (line: string) => void,
): Promise<boolean> {
  const copies = Array.from({ length: COPIES }, () => copySources(root));
  const finds = new Map<PlantedBug, Found & { readonly inputs: readonly string[] }>();
  const gaveAway = mkdtempSync(join(tmpdir(), 'peerage-planted-inputs-'));
  const left = [...plantedBugs];
  const work = async (copy: string) => {
    const crashes = join(copy, 'test/fuzz/crashes');
    const known = new Set(filesBelow(crashes));
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const undo = plant(bug, copy);
      const found = await fuzzCopy(copy, seconds, ['--stop', '--seed', String(seed)]);
      undo();
      const inputs = filesBelow(crashes).filter((file) => !known.has(file));
      for (const file of inputs) {
        cpSync(join(crashes, file), join(gaveAway, file));
        rmSync(join(crashes, file));
      }
      if (found) finds.set(bug, { ...found, inputs });
      say(`${bug.what}: ${found?.by ?? 'nobody'}`);
    }
  };
  const isWrong = new Set<string>();
  try {
    await Promise.all(copies.map(work));
    // The inputs that gave the bugs away are taken as they should be where there is no bug.
    cpSync(gaveAway, join(copies[0]!, 'test/fuzz/crashes'), { recursive: true });
    const { said } = await runFuzzer(copies[0]!, REPLAY_SECONDS, []);
    for (const [, file] of said.matchAll(/saved as test\/fuzz\/crashes\/(\S+)/g)) isWrong.add(file!);
  } finally {
    for (const folder of [...copies, gaveAway]) rmSync(folder, { recursive: true });
  }
  const rows = plantedBugs.map((bug) => {
    const found = finds.get(bug);
    if (found === undefined) return [bug.what, 'nobody', `> ${seconds}`];
    // No new input: a saved one gave it away, which has to be taken as it should be where there is no bug.
    const isReal =
      found.inputs.length > 0
        ? !found.inputs.some((file) => isWrong.has(file))
        : ![...isWrong].some((file) => file.startsWith(`${found.by}/`));
    return [bug.what, isReal ? found.by : `nobody: ${found.by} crashes without it`, found.afterSeconds.toFixed(1)];
  });
  const missed = rows.filter(([, by]) => by!.startsWith('nobody')).length;
  say(columns([['planted bug', 'found by', 'after s'], ...rows]));
  say(`${plantedBugs.length - missed} of ${plantedBugs.length} planted bugs found`);
  return missed === 0;
}

/** The sources alone; libraries are linked, packages of ours lead to the copy. */
function copySources(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'peerage-planted-'));
  for (const folder of ['packages', 'scripts', 'test/fuzz', 'test/support']) {
    cpSync(join(root, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !/[/\\](node_modules|dist)$/.test(path),
    });
  }
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  const modules = join(copy, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@peerage') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '@peerage'));
  for (const name of readdirSync(join(root, 'node_modules', '@peerage'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@peerage', name));
  }
  return copy;
}

function plant({ what, file, good, bad }: PlantedBug, copy: string): () => void {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(good).length !== 2)
    throw new Error(`'${what}' can't be planted: ${file} does not hold its line once`);
  writeFileSync(
    path,
    source.replace(good, () => bad),
  );
  return () => writeFileSync(path, source);
}

interface Found {
  readonly by: string;
  readonly afterSeconds: number;
}

/** What the fuzzer of a copy finds first; undefined: nothing. */
async function fuzzCopy(copy: string, seconds: number, options: readonly string[]): Promise<Found | undefined> {
  const { said, code } = await runFuzzer(copy, seconds, options);
  const by = /^crash in (\S+):/m.exec(said)?.[1];
  if (by !== undefined) return { by, afterSeconds: Number(/^after ([\d.]+) s$/m.exec(said)?.[1] ?? seconds) };
  if (code === 0) return undefined;
  throw new Error(`the fuzzer of the copy ended (${code}):\n${said}`);
}

function runFuzzer(
  copy: string,
  seconds: number,
  options: readonly string[],
): Promise<{ said: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const args = ['scripts/fuzz.ts', String(seconds), '--decoders', ...options];
    // What did not change since the last run is not compiled again: most of what a short run takes.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(copy, 'compiled') };
    const fuzzer = spawn(process.execPath, args, { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const tooLong = setTimeout(() => fuzzer.kill('SIGKILL'), MOST_MS);
    for (const stream of [fuzzer.stdout, fuzzer.stderr]) stream.on('data', (chunk) => (said += chunk));
    fuzzer.on('error', reject);
    fuzzer.on('close', (code) => {
      clearTimeout(tooLong);
      resolve({ said, code });
    });
  });
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
