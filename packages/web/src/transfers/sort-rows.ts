import type { SortingState } from '@tanstack/react-table';
import { columns } from './columns.tsx';
import type { Row } from './rows.ts';

/** Names as people order them: 2 before 10. */
const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows as the first of `sorting` wants them, equal ones in their order; the same list where it wants nothing. */
export function sortRows(rows: readonly Row[], sorting: SortingState): readonly Row[] {
  const [by] = sorting;
  const column = by && columns.find((known) => ('accessorKey' in known ? known.accessorKey : known.id) === by.id);
  if (!column) return rows;
  const valueIn = (row: Row): unknown =>
    'accessorKey' in column
      ? row[column.accessorKey as keyof Row]
      : 'accessorFn' in column
        ? column.accessorFn(row, 0)
        : undefined;
  const way = by.desc ? -1 : 1;
  return rows
    .map((row) => ({ row, value: valueIn(row) }))
    .sort((left, right) => way * compare(left.value, right.value))
    .map(({ row }) => row);
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left === right ? 0 : left < right ? -1 : 1;
  return collator.compare(String(left), String(right));
}
