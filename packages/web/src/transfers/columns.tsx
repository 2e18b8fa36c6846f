import { createColumnHelper } from '@tanstack/react-table';
import { bytes, copies, count, duration, rate } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';
import { Bar, type BarColour } from '../ui/bar.tsx';
import type { Row, RowState } from './rows.ts';

export const colours = {
  downloading: 'accent',
  verifying: 'accent',
  sharing: 'ok',
  finished: 'ok',
  waiting: 'warn',
  paused: 'muted',
  error: 'bad',
} as const satisfies Record<RowState, BarColour>;

const textColours: Partial<Record<RowState, string>> = { waiting: 'text-warn', error: 'text-bad' };

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData, TValue> {
    /** Numbers stand at the right, and so does their heading. */
    readonly right?: true;
    /** Its part of the room that is left when all have their size. */
    readonly grow?: number;
  }
}

const column = createColumnHelper<Row>();
const number = (text: string) => <span className="block text-right whitespace-nowrap tabular-nums">{text}</span>;

/** What the table can show; `size` is a width in pixels, the least one where it grows. */
export const columns = [
  column.accessor('file', {
    header: 'Name',
    size: 180,
    meta: { grow: 3 },
    enableHiding: false,
    cell: ({ row: { original } }) => (
      <div className="min-w-0">
        <div className="truncate font-medium" dir="auto" title={shown(original.file)}>
          {shown(original.file)}
        </div>
        <div className="truncate text-xs text-muted">{shown(original.group)}</div>
      </div>
    ),
  }),
  column.accessor('size', {
    header: 'Size',
    size: 74,
    meta: { right: true },
    cell: ({ getValue }) => number(bytes(getValue())),
  }),
  column.accessor((row) => (row.size === 0 ? 1 : row.done / row.size), {
    id: 'progress',
    header: 'Progress',
    size: 120,
    cell: ({ row: { original } }) => (
      <Bar
        done={original.done}
        size={original.size}
        colour={colours[original.state]}
        label={`${shown(original.file)} stored`}
      />
    ),
  }),
  column.accessor('words', {
    header: 'Status',
    size: 150,
    meta: { grow: 2 },
    cell: ({ getValue, row: { original } }) => (
      <span className={`block truncate ${textColours[original.state] ?? 'text-muted'}`} title={getValue()}>
        {getValue()}
      </span>
    ),
  }),
  column.accessor('peers', {
    header: 'Peers',
    size: 54,
    meta: { right: true },
    cell: ({ getValue }) => number(count(getValue())),
  }),
  column.accessor('downRate', {
    meta: { right: true },
    header: 'Down',
    size: 82,
    cell: ({ getValue }) => number(rate(getValue())),
  }),
  column.accessor('upRate', {
    meta: { right: true },
    header: 'Up',
    size: 82,
    cell: ({ getValue }) => number(rate(getValue())),
  }),
  column.accessor('uploaded', {
    meta: { right: true },
    header: 'Sent',
    size: 74,
    cell: ({ getValue }) => number(getValue() === 0 ? '–' : bytes(getValue())),
  }),
  column.accessor((row) => row.availability ?? Number.POSITIVE_INFINITY, {
    id: 'availability',
    meta: { right: true },
    header: 'Available',
    size: 76,
    cell: ({ row: { original } }) => number(copies(original.availability)),
  }),
  column.accessor((row) => row.eta ?? Number.POSITIVE_INFINITY, {
    id: 'eta',
    meta: { right: true },
    header: 'Left',
    size: 84,
    cell: ({ row: { original } }) => number(duration(original.eta)),
  }),
];
