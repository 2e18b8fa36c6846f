import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columns } from './columns.ts';
import { plainLook } from './look.ts';

const wide = (width: number) => ({ ...plainLook, columns: width });
const heads = ['file', 'size', 'by'];
const rows = [
  ['big.iso', '4.7 GB', 'alice'],
  ['数据.csv', '12 B', 'bob'],
];

describe('columns', () => {
  it('aligns by what a terminal shows, numbers at the right', () => {
    const table = 'FILE        SIZE  BY\nbig.iso   4.7 GB  alice\n数据.csv    12 B  bob';
    expect(columns(heads, rows, plainLook)).toBe(table);
    expect(columns(heads, rows, wide(23))).toBe(table);
  });

  it('makes blocks of rows where the table is wider than the terminal, every value whole', () => {
    expect(columns(heads, rows, wide(22))).toBe(
      'big.iso\n  size 4.7 GB  by alice\n数据.csv\n  size 12 B  by bob'.replace('4.7 GB  by', '4.7 GB\n  by'),
    );
    expect(columns(heads, [['x'.repeat(50), '', 'alice']], wide(22))).toBe(`${'x'.repeat(50)}\n  by alice`);
  });

  it('leaves out no value and stays within the terminal where values do', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '文', '7'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 40, max: 60 }),
        (cells, width) => {
          const lines = columns(heads, cells, wide(width)).split('\n');
          expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
          for (const value of cells.flat()) expect(lines.join('\n')).toContain(value);
        },
      ),
    );
  });
});
