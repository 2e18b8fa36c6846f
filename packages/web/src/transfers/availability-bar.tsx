import type { ControlResult } from '@peerage/contract';
import { useCallback } from 'react';
import { copies, count } from '../format/quantities.ts';
import { type Colour, Painted } from '../ui/painted.tsx';

type Cell = ControlResult<'show_transfer'>['cells'][number];

const HEIGHT_PX = 10;
const height = () => HEIGHT_PX;

/** Whole copies among the connected peers, and of the next one the part that is there. */
function availabilityOf(cells: readonly Cell[]): number {
  if (cells.length === 0) return 0;
  const least = Math.min(...cells.map(({ availability }) => availability));
  const more = cells.filter(({ availability }) => availability > least).length;
  return least + more / cells.length;
}

/** How many connected peers have each part of a share, from its beginning to its end: the stronger the colour, the more. */
export function AvailabilityBar({ cells }: { readonly cells: readonly Cell[] }) {
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, colour: (name: Colour) => string) => {
      context.fillStyle = colour('line');
      context.fillRect(0, 0, width, HEIGHT_PX);
      context.fillStyle = colour('accent');
      const most = Math.max(1, ...cells.map(({ availability }) => availability));
      cells.forEach(({ availability }, at) => {
        if (availability === 0) return;
        const from = Math.floor((at / cells.length) * width);
        const until = Math.ceil(((at + 1) / cells.length) * width);
        context.globalAlpha = 0.25 + 0.75 * (availability / most);
        context.fillRect(from, 0, until - from, HEIGHT_PX);
      });
    },
    [cells],
  );
  const available = availabilityOf(cells);
  const most = Math.max(0, ...cells.map(({ availability }) => availability));
  return (
    <figure>
      <figcaption className="mb-1 text-xs text-muted">
        Availability: {copies(available)} {available === 1 ? 'copy' : 'copies'} among connected peers
      </figcaption>
      <Painted
        label={`availability among connected peers: ${copies(available)} copies; at most ${count(most)} have the same part`}
        height={height}
        paint={paint}
      />
    </figure>
  );
}
