// Takes promises back, one line at a time, in copies of the sources; tests have to notice each: npm run weaken [-- parts of names]
// Exit code 1 where one stays green, or where a test is red without it.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { columns } from '../test/fuzz/report.ts';
import { type Weakening, weakenings } from './weaken/list.ts';
import { TreeCopy } from './weaken/tree-copy.ts';

/** Copies that are worked in at the same time. */
const COPIES = 2;
const LIMIT_MS = 300_000;

const root = dirname(import.meta.dirname);
const { positionals } = parseArgs({ allowPositionals: true });
const chosen = weakenings.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Verdict {
  /** Test files of the copy, by their paths in it: how many tests passed and failed. A file that can't even be loaded is not in it. */
  readonly files: ReadonlyMap<string, { passed: number; failed: number }>;
  readonly output: string;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** What these tests say in a copy. */
async function verdictIn(copy: TreeCopy, tests: readonly string[], options: readonly string[]): Promise<Verdict> {
  const vitest = join(copy.folder, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(copy.folder, 'report.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [vitest, 'run', ...tests, ...options, ...reporters], {
    cwd: copy.folder,
    env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: join(copy.folder, 'compiled') },
    timeout: LIMIT_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const files = new Map<string, { passed: number; failed: number }>();
  for (const { name, assertionResults } of reportIn(report)?.testResults ?? []) {
    const count = (status: string) => assertionResults.filter((each) => each.status === status).length;
    files.set(name.slice(copy.folder.length + 1), { passed: count('passed'), failed: count('failed') });
  }
  return { files, output };
}

function reportIn(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined; // it was ended before it could say anything
  }
}

async function outcomeOf(copy: TreeCopy, { file, line, instead, tests, named }: Weakening): Promise<string> {
  const mend = copy.weaken(file, line, instead);
  try {
    const names = named === undefined ? [] : ['-t', named];
    const { files, output } = await verdictIn(copy, tests, ['--bail', '1', ...names]);
    const counts = [...files.values()];
    if (counts.some(({ failed }) => failed > 0)) return 'red';
    return counts.some(({ passed }) => passed > 0) ? 'GREEN' : `NO VERDICT\n${output}`;
  } finally {
    mend();
  }
}

const copies = Array.from({ length: COPIES }, () => new TreeCopy(root));
const rows: [string, string, string][] = [];
try {
  const sound = await verdictIn(copies[0]!, [...new Set(chosen.flatMap(({ tests }) => tests))], []);
  const isSound = (test: string) => {
    const { passed, failed } = sound.files.get(test) ?? { passed: 0, failed: 0 };
    return passed > 0 && failed === 0;
  };
  const red = chosen.flatMap(({ tests }) => tests).filter((test) => !isSound(test));
  if (red.length > 0) say(sound.output);
  const left = [...chosen];
  const work = async (copy: TreeCopy) => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const outcome = next.tests.every(isSound) ? await outcomeOf(copy, next) : 'RED WITHOUT IT';
      rows.push([next.name, outcome, next.tests.join(' ')]);
      say(`${outcome.padEnd(8)} ${next.name}`);
    }
  };
  await Promise.all(copies.map(work));
} finally {
  for (const copy of copies) copy.remove();
}
const red = rows.filter(([, outcome]) => outcome === 'red').length;
say(
  `\n${columns([['weakening', 'suite', 'tests'], ...rows.map(([name, outcome, tests]) => [name, outcome.split('\n')[0]!, tests])])}`,
);
say(`\n${red} of ${rows.length} weakenings turn the suite red`);
if (red < rows.length || rows.length === 0) process.exitCode = 1;
