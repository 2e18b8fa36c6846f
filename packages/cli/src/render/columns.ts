import stringWidth from 'string-width';
import type { Look } from './look.ts';

type Row = readonly string[];

const GAP = 2;
const isNumber = (cell: string): boolean => /^[\d.]+( [kMGTP]?B(\/s)?)?$|^-$/.test(cell);

/**
 * A head in capitals and rows below it, aligned by display width; columns whose cells are all numbers or sizes are aligned at the
 * right. Where that is wider than the terminal, each row becomes a block of its own: names are shown whole, for they are what is typed next.
 */
export function columns(heads: Row, rows: readonly Row[], look: Look): string {
  const shown = heads.map((head) => head.toUpperCase());
  const widths = shown.map((head, column) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const total = widths.reduce((sum, width) => sum + width + GAP, -GAP);
  if (look.columns !== null && total > look.columns) return blocks(heads, rows, look);
  const right = heads.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')));
  const line = (cells: Row, paint: (text: string) => string): string =>
    paint(
      cells
        .map((cell, column) => pad(cell, widths[column]!, right[column]!))
        .join(' '.repeat(GAP))
        .trimEnd(),
    );
  return [line(shown, look.colours.dim), ...rows.map((row) => line(row, (text) => text))].join('\n');
}

function pad(text: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return right ? blanks + text : text + blanks;
}

/** The first cell, and below it the others with their heads, as many on a line as fit. */
function blocks([, ...heads]: Row, rows: readonly Row[], look: Look): string {
  return rows
    .flatMap(([name = '', ...cells]) => [
      look.colours.bold(name),
      ...flow(
        heads.flatMap((head, index) => (cells[index] ? [`${look.colours.dim(head)} ${cells[index]}`] : [])),
        look.columns!,
      ),
    ])
    .join('\n');
}

function flow(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : `${last}${' '.repeat(GAP)}${part}`;
    if (joined !== undefined && stringWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(`  ${part}`);
  }
  return lines;
}
