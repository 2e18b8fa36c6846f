import { PeerageError } from '@peerage/contract';
import { expect, test } from 'vitest';
import { readRate } from './limit.ts';

test.for([
  ['5MB/s', 5_000_000],
  ['500kB/s', 500_000],
  ['1.5mb', 1_500_000],
  ['2MiB/s', 2 * 1024 * 1024],
  ['off', null],
] as const)('%s', ([text, rate]) => {
  expect(readRate(text)).toBe(rate);
});

test.for(['', '5', 'fast', '-5MB/s', '5 apples', '1kB/s', '1e3MB'])("'%s' is no limit", (text) => {
  expect(() => readRate(text)).toThrow(PeerageError);
});
