import type { Share } from '@peerage/contract';
import { expect, test } from 'vitest';
import { rowsOf } from './rows.ts';
import { sortRows } from './sort-rows.ts';

const share = (file: string, size: number): Share => ({
  group: 'team',
  file,
  path: `/${file}`,
  size,
  state: 'offered',
  uploaded: 0,
  up_rate: 0,
  peers: 0,
});
const rows = rowsOf([], [share('part 10', 5), share('part 2', 70), share('Part 1', 600)]);
const names = (id: string, desc: boolean) => sortRows(rows, [{ id, desc }]).map(({ file }) => file);

test('names are ordered as people do, sizes by what they are, equal rows as they were', () => {
  expect(names('file', false)).toEqual(['Part 1', 'part 2', 'part 10']);
  expect(names('file', true)).toEqual(['part 10', 'part 2', 'Part 1']);
  expect(names('size', false)).toEqual(['part 10', 'part 2', 'Part 1']);
  expect(names('eta', false)).toEqual(['part 10', 'part 2', 'Part 1']); // nobody knows when
  expect(sortRows(rows, [])).toBe(rows);
});
