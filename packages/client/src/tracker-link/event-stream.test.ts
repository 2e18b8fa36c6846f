import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { TrackerEvent } from '@peerage/contract';
import { expect, test } from 'vitest';
import { readEvents } from './event-stream.ts';

async function read(...chunks: string[]): Promise<{ told: TrackerEvent[]; lastId: string | undefined }> {
  const told: TrackerEvent[] = [];
  const incoming = new PassThrough();
  const reading = readEvents(incoming as unknown as IncomingMessage, '0', (event) => told.push(event));
  for (const chunk of chunks) incoming.write(chunk);
  incoming.end();
  return { lastId: await reading, told };
}

test('events are told in order and the last id is kept', async () => {
  expect(
    await read('id: 7\ndata: {"ty', 'pe":"resync"}\n\n: beat\n\nid: 8\ndata: {"type":"of a newer tracker"}\n\n'),
  ).toEqual({
    told: [{ type: 'resync' }],
    lastId: '8',
  });
});

test('nothing is told behind a message that is no JSON, wherever chunks end, and the next stream begins anew', async () => {
  const [broken, event] = ['id: 7\ndata: {"type"\n\n', 'id: 8\ndata: {"type":"resync"}\n\n'];
  expect(await read(broken + event)).toEqual({ told: [], lastId: undefined });
  expect(await read(broken, event)).toEqual({ told: [], lastId: undefined });
});

test('lines that mean nothing are passed over, as the standard says', async () => {
  const event = 'id: 8\ndata: {"type":"resync"}\n\n';
  expect(await read(`later: x\nretry: soon\n${event}`)).toEqual({ told: [{ type: 'resync' }], lastId: '8' });
});

test('a message beyond all measure ends the stream', async () => {
  const event = 'id: 8\ndata: {"type":"resync"}\n\n';
  expect(await read(`data: ${'x'.repeat(600_000)}`, 'x'.repeat(600_000), event)).toEqual({
    told: [],
    lastId: undefined,
  });
});
