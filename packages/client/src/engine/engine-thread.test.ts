import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryIssuer, membershipOf } from '../net/test-bed/memory-issuer.ts';
import type { EngineEvent } from './engine-protocol.ts';
import { startEngine } from './engine-thread.ts';
import { contentOf, group, sameBytes, TestBed } from './test-bed/engine-bed.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
});

test('an engine in its thread fetches from one in this, refuses in words, and ends', async () => {
  const content = contentOf(3 * 1024 * 1024);
  const issuer = await MemoryIssuer.make();
  const membership = async (device: string) => {
    const certificate = await issuer.certify({ group, device });
    return { type: 'membership', membership: membershipOf(certificate, [issuer]) } as const;
  };
  const seeder = await bed.engine({ certified: true });
  await seeder.engine.handle(await membership(seeder.device));
  await seeder.seed(content);
  const completed = Promise.withResolvers<Extract<EngineEvent, { type: 'completed' }>>();
  const thread = startEngine({
    onEvent: (event) => {
      if (event.type === 'completed') completed.resolve(event);
    },
    onDefect: completed.reject,
  });
  expect(await thread.request({ type: 'listen', host: '127.0.0.1', port: 0 })).toMatchObject({ host: '127.0.0.1' });
  await thread.request({ type: 'identify', self: { device: 'a'.repeat(32), user: 'threaded' } });
  await thread.request(await membership('a'.repeat(32)));
  const destination = seeder.path('threaded-copy');
  const fetch = {
    type: 'fetch',
    share: content.share,
    info: content.info,
    destination,
    journal: `${destination}.journal`,
    paused: false,
  } as const;
  await thread.request(fetch);
  await expect(thread.request(fetch)).rejects.toMatchObject({ code: 'download_exists' });
  await thread.request({ type: 'peers', share: content.share, peers: [seeder.candidate] });
  expect(await completed.promise).toMatchObject({ share: content.share, path: destination });
  expect(await sameBytes(destination, content.bytes)).toBe(true);

  await Promise.all([thread.close(), thread.close()]);
  await expect(thread.request(fetch)).rejects.toMatchObject({ code: 'internal' });
});

test('a refusal of the engine is the refusal of the thread', async () => {
  const thread = startEngine({ onEvent: () => {}, onDefect: () => {} });
  const content = contentOf(10);
  const path = `${bed.folder}/absent`;
  const seed = { type: 'seed', share: content.share, info: content.info, path, identity: '' } as const;
  await expect(thread.request(seed)).rejects.toMatchObject({ code: 'path_not_found' });
  await writeFile(path, content.bytes);
  await thread.request(seed);
  await thread.close();
});

test.runIf(process.platform === 'linux')('the engine lets the rest of its process go first', async () => {
  const thread = startEngine({ onEvent: () => {}, onDefect: () => {} });
  await thread.request({ type: 'listen', host: '127.0.0.1', port: 0 });
  const stats = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'));
  const nicenessOf = (name: string) =>
    stats.filter((stat) => stat.includes(` (${name}) `)).map((stat) => Number(stat.split(') ')[1]!.split(' ')[16]));
  expect(nicenessOf('engine')).toEqual([getPriority() + 5]);
  // As many as this process was started with; the launcher asks for one.
  const compilers = nicenessOf('V8Worker');
  expect(compilers).toEqual(compilers.map(() => getPriority() + 5));
  expect(compilers).not.toEqual([]);
  await thread.close();
});

test('a defect is told in a sentence to people and as it is to the log, also when the thread breaks down with it', async () => {
  const defects: unknown[] = [];
  const thread = startEngine({ onEvent: () => {}, onDefect: (defect, ended) => defects.push([String(defect), ended]) });
  const { share } = contentOf(10);
  const seed = { type: 'seed', share, info: 7, path: '', identity: '' } as never;
  const sentence = {
    code: 'internal',
    message: expect.stringMatching(/^a defect of the engine \(.+\): the log [^\n]+$/),
  };
  await expect(thread.request(seed)).rejects.toMatchObject(sentence);
  expect(defects).toEqual([[expect.stringContaining('TypeError'), false]]);

  // Its answer and the thread's end race.
  await expect(thread.request(undefined as never)).rejects.toMatchObject({ code: 'internal' });
  const end = {
    code: 'internal',
    message: expect.stringMatching(/^the engine broke down [^\n]+: start the client again$/),
  };
  await expect(thread.request({ type: 'listen', host: '127.0.0.1', port: 0 })).rejects.toMatchObject(end);
  expect(defects.at(-1)).toEqual([expect.stringContaining('TypeError'), true]);
  await thread.close();
});
