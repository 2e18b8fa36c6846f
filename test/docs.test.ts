import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../scripts/docs.ts';

describe('generated reference pages', () => {
  it.each(Object.entries(generatedPages))('%s is what npm run docs writes', (path, page) => {
    expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(page());
  });
});
