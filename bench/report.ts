import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Figure } from './bench.ts';
import type { Results } from './rounds.ts';

const artefacts = join(dirname(fileURLToPath(import.meta.url)), '..', 'artefacts', 'bench');

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}

/** A Markdown table: medians, with the range of the first figure. */
export function tableOf(figures: readonly Figure[], results: Results): string {
  const rows = [...results].map(([name, { runs, died }]) => [
    name,
    ...figures.map(({ key, digits }, place) => {
      const values = runs.map(({ sample }) => sample[key]).filter((value) => value !== undefined);
      if (values.length === 0) return '';
      const range = `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
      return median(values).toFixed(digits) + (place === 0 && values.length > 1 ? ` (${range})` : '');
    }),
    died === 0 ? String(runs.length) : `${runs.length}, died ${died} ×`,
  ]);
  const table = [['', ...figures.map(({ title }) => title), 'runs'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(3, ...table.map((row) => row[column]!.length)));
  const lines = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

/** Answers the path of the file written. */
export function writeResults(name: string, bench: Bench, results: Results): string {
  mkdirSync(artefacts, { recursive: true });
  const path = join(artefacts, `${name}.json`);
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model,
    memoryBytes: totalmem(),
    node: process.version,
  };
  const contestants = [...results].map(([contestant, ran]) => ({ contestant, ...ran }));
  const content = {
    name,
    about: bench.about,
    figures: bench.figures,
    machine,
    at: new Date().toISOString(),
    contestants,
  };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}
