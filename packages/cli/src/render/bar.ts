import type { Look } from './look.ts';

/** `███████░░░`, `width` characters; whole only where all is done. */
export function bar(done: number, total: number, width: number, { unicode }: Pick<Look, 'unicode'>): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.floor(share * width);
  const [on, off] = unicode ? ['█', '░'] : ['#', '-'];
  return on.repeat(full) + off.repeat(width - full);
}

const WIDEST = 30;

/** How wide a bar may be beside text of that many columns, 0 where there is no room for one that says anything. */
export function barWidth(textColumns: number, { columns }: Pick<Look, 'columns'>): number {
  const room = (columns ?? 80) - textColumns - 2;
  return room < 5 ? 0 : Math.min(WIDEST, room);
}
