import { readFileSync } from 'node:fs';
import { type Route, trackerRoutes } from '@peerage/contract';
import { expect, it } from 'vitest';
import { type Entity, replicated } from './domain/entities.ts';

/** The tables of docs/spec/tracker-api.md say what the code does. On a difference the expected table is in the message, to be copied. */

const spec = readFileSync(new URL('../../../docs/spec/tracker-api.md', import.meta.url), 'utf8');

const table = (...rows: string[][]): string =>
  [rows[0]!, rows[0]!.map(() => '---'), ...rows.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

it('lists every call', () => {
  const rows = Object.entries(trackerRoutes as Readonly<Record<string, Route>>).map(([name, route]) => [
    `\`${name}\``,
    `\`${route.method} ${route.path}\``,
    route.session ? 'yes' : '',
  ]);
  expect(spec).toContain(table(['call', 'request', 'session'], ...rows));
});

it('lists every kind of row', () => {
  const rows = (Object.keys(replicated) as Entity[]).map((entity) => [
    `\`${entity}\``,
    replicated[entity] ? 'yes' : '',
  ]);
  expect(spec).toContain(table(['row', 'goes to other trackers'], ...rows));
});
