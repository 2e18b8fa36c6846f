import Table from 'cli-table3';
import type { Look } from './look.ts';

const noBorders = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((place) => [place, '']),
);

/** A head in capitals and rows below it, aligned by display width. Columns whose cells are all numbers or sizes read best from the right. */
export function columns(heads: readonly string[], rows: readonly (readonly string[])[], look: Look): string {
  const right = (column: number): boolean =>
    rows.every((row) => /^[\d.]+( [kMGTP]?B(\/s)?)?$|^-$/.test(row[column] ?? ''));
  const table = new Table({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
    colAligns: heads.map((_, column) => (right(column) ? 'right' : 'left')),
  });
  table.push(
    heads.map((head) => look.colours.dim(head.toUpperCase())),
    ...rows.map((row) => [...row]),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
