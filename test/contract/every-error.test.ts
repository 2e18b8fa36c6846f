import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, errorTable } from '@peerage/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientErrors } from './error-cases/client-errors.ts';
import { downloadErrors } from './error-cases/download-errors.ts';
import { fileErrors } from './error-cases/file-errors.ts';
import { memberErrors } from './error-cases/member-errors.ts';
import { trackerErrors } from './error-cases/tracker-errors.ts';
import { type ErrorWorld, startErrorWorld } from './error-world.ts';

/** Codes of the contract that nothing in the product can produce yet, and what they come with. */
const comesLater: Partial<Record<ErrorCode, string>> = {};

/** In one world, in this order. */
const errorCases = new Map([...clientErrors, ...trackerErrors, ...memberErrors, ...fileErrors, ...downloadErrors]);

const codes = Object.keys(errorTable) as ErrorCode[];
const sources = new URL('../../packages/', import.meta.url).pathname;

/** Where the product's own source names the code, the table and tests left out. */
function mentions(code: ErrorCode): string[] {
  return readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      /^[a-z]+\/src\/.+\.ts$/.test(path) &&
      !/\.(test|fixture)\.ts$|\/testing\/|errors\/table\.ts$/.test(path) &&
      readFileSync(join(sources, path), 'utf8').includes(`'${code}'`),
  );
}

describe('the table of errors', () => {
  test.each(codes)('%s has a case, or a reason why it can have none', (code) => {
    const later = comesLater[code];
    expect(errorCases.has(code)).toBe(later === undefined);
    if (later !== undefined) expect(mentions(code)).toEqual([]);
  });
});

describe('every error, through the shell', () => {
  let world: ErrorWorld;
  beforeAll(async () => {
    world = await startErrorWorld();
  });
  afterAll(() => world?.stop());

  test.each([...errorCases].filter(([, { possible }]) => possible?.() ?? true))(
    '%s',
    async (code, { how, names, advice }) => {
      const refusal = await how(world);
      expect(refusal).toMatchObject({ code });
      const { message } = refusal;
      // One sentence: no final stop, no second line, nothing of the program's inside.
      expect(message).toMatch(/^['"/\w][^\n\r]{10,400}[^.!\s]$/);
      expect(message).not.toMatch(/\bat .+:\d+:\d+|\w+Error\b|\bundefined\b|\[object|\bE[A-Z]{4,}\b/);
      expect(message).not.toMatch(/^[A-Z][a-z]/);
      expect(message).toMatch(names);
      expect(message).toMatch(advice);
    },
  );
});
