/**
 * `npm run bench [-- name …]`: benchmarks, each a folder here. Tables on standard output, every run in `artefacts/bench/<name>.json`.
 * Flags: --rounds N (5), --only part-of-a-contestant's-name (repeatable), --list.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { tableOf, writeResults } from './report.ts';
import { runRounds } from './rounds.ts';

const here = dirname(fileURLToPath(import.meta.url));
const known = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(here, entry.name)).includes('main.ts'))
  .map((entry) => entry.name)
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`usage: npm run bench -- [--rounds N] [--only contestant] [${known.join(' | ')} …]\n`);
  process.exit(2);
}

for (const name of positionals.length > 0 ? positionals : known) {
  const { bench } = (await import(pathToFileURL(join(here, name, 'main.ts')).href)) as { bench: Bench };
  process.stdout.write(`\n${name}: ${bench.about}\n`);
  if (values.list) continue;
  const folder = mkdtempSync(join(tmpdir(), `peerage-bench-${name}-`));
  try {
    const prepared = await bench.prepare({
      folder,
      wants: (contestant) => values.only.length === 0 || values.only.some((part) => contestant.includes(part)),
    });
    try {
      const results = await runRounds(prepared.contestants, rounds);
      process.stdout.write(`\n${tableOf(bench.figures, results)}\n`);
      process.stdout.write(`every run: ${writeResults(name, bench, results)}\n`);
    } finally {
      await prepared.end();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
