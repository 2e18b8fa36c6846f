import { bytes, duration, rate } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { Bar } from '../ui/bar.tsx';
import { LongList } from '../ui/long-list.tsx';
import { colours } from './columns.tsx';
import type { Row } from './rows.ts';

/** The transfers where there is no room for a table. */
export const TransferCards = ({
  rows,
  onSelect,
}: {
  readonly rows: readonly Row[];
  readonly onSelect: (row: Row) => void;
}) => (
  <LongList
    items={rows}
    keyOf={({ key }) => key}
    linePx={76}
    className="divide-y divide-line border-y border-line bg-surface"
  >
    {(row) => (
      <button type="button" onClick={() => onSelect(row)} className="block w-full px-4 py-2.5 text-left">
        <div className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
            {shown(row.file)}
          </span>
          <span className="text-xs text-muted tabular-nums">{bytes(row.size)}</span>
        </div>
        <div className="mt-1 mb-1.5 truncate text-xs text-muted">
          {shown(row.group)} · {row.words}
          {row.downRate > 0 ? ` · ${rate(row.downRate)} · ${duration(row.eta)} left` : ''}
        </div>
        <Bar done={row.done} size={row.size} colour={colours[row.state]} label={`${shown(row.file)} stored`} />
      </button>
    )}
  </LongList>
);
