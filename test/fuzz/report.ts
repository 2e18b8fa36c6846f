/** What one decoder or port was given. */
export interface Figures {
  readonly name: string;
  inputs: number;
  accepted: number;
  refused: number;
  crashes: number;
  /** Time spent on it. */
  spentMs: number;
}

export const noFigures = (name: string): Figures => ({
  name,
  inputs: 0,
  accepted: 0,
  refused: 0,
  crashes: 0,
  spentMs: 0,
});

export function table(rows: readonly Figures[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.inputs,
    row.accepted,
    row.refused,
    row.crashes,
    Math.round((row.inputs * 1000) / Math.max(row.spentMs, 1)),
  ]);
  return columns([['decoder', 'inputs', 'accepted', 'refused', 'crashes', 'inputs/s'], ...cells]);
}

/** First column to the left, all others to the right. */
export function columns(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]!) : String(cell).padStart(widths[at]!)))
        .join('  '),
    )
    .join('\n');
}
