import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlantedBug, plantedBugs } from './planted-bugs.ts';
import { columns } from './report.ts';

/** Loading the sources, beyond the time to search. */
const START_MS = 15_000;

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
  const rows = new Map<PlantedBug, (string | number)[]>();
  const left = [...plantedBugs];
  let missed = 0;
  const work = async (copy: string) => {
    const crashes = join(copy, 'test/fuzz/crashes');
    const known = join(copy, 'known-crashes');
    cpSync(crashes, known, { recursive: true });
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const undo = plant(bug, copy);
      const found = await fuzzCopy(copy, seconds, ['--stop', '--seed', String(seed)]);
      undo();
      // The input that gave it away is taken as it should be once the bug is gone.
      const isReal = found && (await fuzzCopy(copy, 1, ['--stop', '--only', found.by])) === undefined;
      rmSync(crashes, { recursive: true });
      cpSync(known, crashes, { recursive: true });
      if (!isReal) missed++;
      const by = isReal ? found.by : found ? `nobody: ${found.by} crashes without it` : 'nobody';
      rows.set(bug, [bug.what, by, isReal ? found.afterSeconds.toFixed(1) : `> ${seconds}`]);
      say(`${bug.what}: ${by}`);
    }
  };
  try {
    await Promise.all(copies.map(work));
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true });
  }
  say(columns([['planted bug', 'found by', 'after s'], ...plantedBugs.flatMap((bug) => [rows.get(bug) ?? []])]));
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

function fuzzCopy(copy: string, seconds: number, options: readonly string[]): Promise<Found | undefined> {
  return new Promise((resolve, reject) => {
    const args = ['scripts/fuzz.ts', String(seconds), '--decoders', ...options];
    const fuzzer = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let startMs = 0;
    let found: Found | undefined;
    const tooLong = setTimeout(() => fuzzer.kill('SIGKILL'), seconds * 1000 + START_MS);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (startMs === 0 && said.includes('seed ')) startMs = performance.now();
      const by = /^crash in (\S+):/m.exec(said)?.[1];
      if (by !== undefined) found ??= { by, afterSeconds: (performance.now() - startMs) / 1000 };
    };
    fuzzer.stdout.on('data', hear);
    fuzzer.stderr.on('data', hear);
    fuzzer.on('error', reject);
    fuzzer.on('close', (code) => {
      clearTimeout(tooLong);
      if (found !== undefined || code === 0) resolve(found);
      else reject(new Error(`the fuzzer of the copy ended (${code}):\n${said}`));
    });
  });
}
