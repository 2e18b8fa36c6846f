import {
  flexRender,
  getCoreRowModel,
  type SortingState,
  useReactTable,
  type VisibilityState,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { columns } from './columns.tsx';
import type { Row } from './rows.ts';
import { sortRows } from './sort-rows.ts';

const ROW_PX = 52;

interface Props {
  readonly rows: readonly Row[];
  readonly selected: string | null;
  readonly visibility: VisibilityState;
  readonly onSelect: (row: Row) => void;
}

/** The transfers, sorted by any column; only the lines in sight exist in the document. */
export const TransfersTable = memo(({ rows, selected, visibility, onSelect }: Props) => {
  const [sorting, setSorting] = useState<SortingState>([]);
  const lines = useMemo(() => sortRows(rows, sorting), [rows, sorting]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    // Until it is measured: so the lines are in the first picture, not in the second.
    initialRect: { width: innerWidth, height: innerHeight },
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  // Only what is in sight: a row of the library for each of ten thousand lines would take longer than all else together.
  const inSight = useMemo(() => lines.slice(first, last + 1), [lines, first, last]);
  const table = useReactTable({
    data: inSight,
    columns,
    state: { sorting, columnVisibility: visibility },
    onSortingChange: setSorting,
    manualSorting: true,
    autoResetAll: false,
    getRowId: (row) => row.key,
    getCoreRowModel: getCoreRowModel(),
  });
  const cells = table.getRowModel().rows;
  const at = selected === null ? -1 : lines.findIndex(({ key }) => key === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  const shownColumns = table.getVisibleLeafColumns();
  const template = shownColumns
    .map(({ columnDef: { meta }, getSize }) =>
      meta?.grow ? `minmax(${getSize()}px, ${meta.grow}fr)` : `${getSize()}px`,
    )
    .join(' ');
  const width = shownColumns.reduce((sum, { getSize }) => sum + getSize(), 32);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto border-y border-line bg-surface">
      <table style={{ display: 'grid', minWidth: width }} aria-rowcount={lines.length}>
        <thead className="sticky top-0 z-10 grid border-b border-line bg-surface">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} style={{ display: 'grid', gridTemplateColumns: template }} className="px-4">
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : 'none'}
                    className="px-2 text-left font-medium text-muted"
                  >
                    <button
                      type="button"
                      onClick={header.column.getToggleSortingHandler()}
                      className={`flex h-9 w-full items-center gap-1 text-xs ${header.column.columnDef.meta?.right ? 'flex-row-reverse' : ''}`}
                    >
                      {flexRender(header.column.columnDef.header, header.getContext())}
                      {sorted === 'asc' ? <ArrowUp size={12} aria-hidden /> : null}
                      {sorted === 'desc' ? <ArrowDown size={12} aria-hidden /> : null}
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody style={{ display: 'grid', height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, start }) => {
            const row = cells[index - first]!;
            const here = row.id === selected;
            return (
              <tr
                key={row.id}
                aria-rowindex={index + 1}
                aria-selected={here}
                onClick={() => onSelect(row.original)}
                style={{ gridTemplateColumns: template, transform: `translateY(${start}px)`, height: ROW_PX }}
                className={`absolute grid w-full cursor-default items-center border-b border-line/60 px-4 ${here ? 'bg-tint' : 'hover:bg-canvas'}`}
              >
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className="min-w-0 px-2">
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
});
