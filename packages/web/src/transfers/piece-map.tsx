import type { ControlResult } from '@peerage/contract';
import { useCallback } from 'react';
import { count } from '../format/quantities.ts';
import { type Colour, Painted } from '../ui/painted.tsx';

type Cell = ControlResult<'show_transfer'>['cells'][number];

const CELL_PX = 9;
const GAP_PX = 2;
const legend = [
  ['missing, nobody has it', 'bad'],
  ['missing', 'line'],
  ['requested', 'warn'],
  ['stored and verified', 'accent'],
] as const;

const colourOf = (cell: Cell): (typeof legend)[number][1] => {
  if (cell.have === cell.pieces) return 'accent';
  if (cell.requested > 0) return 'warn';
  return cell.availability === 0 ? 'bad' : 'line';
};

/** The pieces of a share, in order, several to a cell where there are many. */
export function PieceMap({
  cells,
  pieces,
  have,
}: {
  readonly cells: readonly Cell[];
  readonly pieces: number;
  readonly have: number;
}) {
  const height = useCallback(
    (width: number) => Math.ceil(cells.length / columnsIn(width)) * (CELL_PX + GAP_PX),
    [cells.length],
  );
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, colour: (name: Colour) => string) =>
      paintCells(context, cells, columnsIn(width), colour),
    [cells],
  );
  return (
    <figure>
      <Painted
        label={`${count(have)} of ${count(pieces)} pieces are stored and verified`}
        height={height}
        paint={paint}
      />
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <span className="tabular-nums">
          {count(have)} of {count(pieces)} pieces
        </span>
        {legend.map(([words, colour]) => (
          <span key={words} className="flex items-center gap-1.5">
            <span aria-hidden className={`size-2.5 rounded-sm ${boxes[colour]}`} />
            {words}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const boxes = { bad: 'bg-bad', line: 'bg-line', warn: 'bg-warn', accent: 'bg-accent' } as const;

const columnsIn = (width: number): number => Math.max(1, Math.floor((width + GAP_PX) / (CELL_PX + GAP_PX)));

function paintCells(
  context: CanvasRenderingContext2D,
  cells: readonly Cell[],
  columns: number,
  colour: (name: Colour) => string,
): void {
  cells.forEach((cell, at) => {
    const name = colourOf(cell);
    const x = (at % columns) * (CELL_PX + GAP_PX);
    const y = Math.floor(at / columns) * (CELL_PX + GAP_PX);
    context.fillStyle = colour('line');
    context.fillRect(x, y, CELL_PX, CELL_PX);
    // A cell of many pieces fills up.
    const part = name === 'line' ? cell.have / cell.pieces : 1;
    context.fillStyle = colour(name === 'line' ? 'accent' : name);
    context.fillRect(x, y + CELL_PX * (1 - part), CELL_PX, CELL_PX * part);
  });
}
