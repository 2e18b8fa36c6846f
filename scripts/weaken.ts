// Takes promises back, one line at a time, in a copy of the sources; tests have to notice each: npm run weaken [-- parts of names]
// Exit code 1 where one stays green, or where a test is red without it.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { columns } from '../test/fuzz/report.ts';
import { type Weakening, weakenings } from './weaken/list.ts';
import { TreeCopy } from './weaken/tree-copy.ts';

const root = dirname(import.meta.dirname);
const { positionals } = parseArgs({ allowPositionals: true });
const chosen = weakenings.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** What these tests say in the copy; a file that can't even be loaded has no verdict. */
function verdictOf(tests: readonly string[], named: string | undefined): Verdict {
  const names = named === undefined ? [] : ['-t', named];
  const vitest = join(copy.folder, 'node_modules', 'vitest', 'vitest.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', ...tests, ...names], {
    cwd: copy.folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: '' }, // what copies compile to would pile up in the clone
    timeout: 300_000,
  });
  const [, failed = '0'] = /^ +Tests +(\d+) failed/m.exec(stdout) ?? [];
  const [, passed = '0'] = /^ +Tests .*?(\d+) passed/m.exec(stdout) ?? [];
  return { passed: Number(passed), failed: Number(failed), output: stdout + stderr };
}

function outcomeOf({ file, line, instead, tests, named }: Weakening): string {
  const mend = copy.weaken(file, line, instead);
  try {
    const weakened = verdictOf(tests, named);
    if (weakened.failed > 0) return 'red';
    return weakened.passed > 0 ? 'GREEN' : `NO VERDICT\n${weakened.output}`;
  } finally {
    mend();
  }
}

const copy = new TreeCopy(root);
const rows: [string, string, string][] = [];
try {
  const sound = new Map<string, boolean>();
  for (const weakening of chosen) {
    const { name, tests, named } = weakening;
    const key = [...tests, named].join(' ');
    if (!sound.has(key)) {
      const { passed, failed, output } = verdictOf(tests, named);
      sound.set(key, failed === 0 && passed > 0);
      if (failed > 0 || passed === 0) say(output);
    }
    const outcome = sound.get(key) ? outcomeOf(weakening) : 'RED WITHOUT IT';
    rows.push([name, outcome, tests.join(' ')]);
    say(`${outcome.padEnd(8)} ${name}`);
  }
} finally {
  copy.remove();
}
const red = rows.filter(([, outcome]) => outcome === 'red').length;
say(
  `\n${columns([['weakening', 'suite', 'tests'], ...rows.map(([name, outcome, tests]) => [name, outcome.split('\n')[0]!, tests])])}`,
);
say(`\n${red} of ${rows.length} weakenings turn the suite red`);
if (red < rows.length || rows.length === 0) process.exitCode = 1;
