import { readFileSync } from 'node:fs';
import { type Route, trackerRoutes } from '@peerage/contract';
import { expect, it } from 'vitest';
import { UNREFERENCED_BLOB_MS } from './blobs/collect-blobs.ts';
import { type Entity, replicated } from './domain/entities.ts';
import { defaultLimits } from './domain/limits.ts';
import { defaultPresenceTimes } from './presence/presence.ts';

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

it('lists the limits', () => {
  const hours = (ms: number) => `${ms / 3_600_000} h`;
  const rows = [
    ['open join requests of a user', String(defaultLimits.openRequestsPerUser)],
    ['groups of a user', String(defaultLimits.groupsPerUser)],
    ['devices of a user that are logged in', String(defaultLimits.devicesPerUser)],
    ['open join requests of a group', String(defaultLimits.pendingPerGroup)],
    ['entries of a group', String(defaultLimits.entriesPerGroup)],
    ['metainfo of a group', `${defaultLimits.blobBytesPerGroup / 1024 ** 3} GiB`],
    ['wait after a rejection or removal', defaultLimits.applicationWaitMs.map(hours).join(', ')],
    ['unlisted metainfo is kept', hours(UNREFERENCED_BLOB_MS)],
    ['online without a heartbeat', `${defaultPresenceTimes.ttlMs / 1000} s`],
    ['online without the event stream that was open', `${defaultPresenceTimes.suspectMs / 1000} s`],
  ];
  expect(spec).toContain(table(['what', 'limit'], ...rows));
});
