import type { ControlResult } from '@peerage/contract';
import { useEffect, useRef } from 'react';
import { count } from '../format/quantities.ts';

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
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => paint(element, cells);
    const watcher = new ResizeObserver(draw);
    watcher.observe(element.parentElement!);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      watcher.disconnect();
      theme.disconnect();
    };
  }, [cells]);
  return (
    <figure>
      <div className="w-full">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${count(have)} of ${count(pieces)} pieces are stored and verified`}
        />
      </div>
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

function paint(canvas: HTMLCanvasElement, cells: readonly Cell[]): void {
  const width = canvas.parentElement!.clientWidth;
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (CELL_PX + GAP_PX)));
  const height = Math.ceil(cells.length / columns) * (CELL_PX + GAP_PX);
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  cells.forEach((cell, at) => {
    const colour = colourOf(cell);
    const x = (at % columns) * (CELL_PX + GAP_PX);
    const y = Math.floor(at / columns) * (CELL_PX + GAP_PX);
    context.fillStyle = style.getPropertyValue('--line');
    context.fillRect(x, y, CELL_PX, CELL_PX);
    context.fillStyle = style.getPropertyValue(`--${colour}`);
    // A cell of many pieces fills up.
    const part = colour === 'line' ? cell.have / cell.pieces : 1;
    if (colour === 'line') context.fillStyle = style.getPropertyValue('--accent');
    context.fillRect(x, y + CELL_PX * (1 - part), CELL_PX, CELL_PX * part);
  });
}
