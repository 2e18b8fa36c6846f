import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weakenings } from '../scripts/weaken/list.ts';

/** `npm run weaken` takes minutes; here the list is held equal to the code. */
const root = dirname(import.meta.dirname);

describe('the list of weakenings', () => {
  it.each(weakenings.map((each) => [each.name, each] as const))('%s', (_, { file, line, instead, tests }) => {
    expect(readFileSync(join(root, file), 'utf8').split(line)).toHaveLength(2);
    expect(instead).not.toBe(line);
    for (const test of tests) expect([test, existsSync(join(root, test))]).toEqual([test, true]);
  });

  it('has at least 15', () => {
    expect(weakenings.length).toBeGreaterThanOrEqual(15);
  });
});
