import { open, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Content, contentOf, sameBytes, TestBed, type TestEngine } from './test-bed/engine-bed.ts';
import { RawSeeder } from './test-bed/raw-peer.ts';

let bed: TestBed;
const raws: RawSeeder[] = [];
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
  await Promise.all(raws.splice(0).map((raw) => raw.close()));
});

const MIB = 1024 * 1024;

const given = (leecher: TestEngine, content: Content, giver: TestEngine): number =>
  leecher.snapshot(content)?.sources.find((source) => source.device === giver.device)?.bytes ?? 0;

/** A download that has the first half of the content, and nobody to get the rest from. */
async function halfDone(
  content: Content,
): Promise<{ leecher: TestEngine; path: string; half: number; giver: RawSeeder }> {
  const { pieceCount } = content.parsed.geometry;
  const giver = await RawSeeder.start({ content, device: 'f'.repeat(32), user: 'half', pieces: pieceCount / 2 });
  raws.push(giver);
  const leecher = await bed.engine();
  const path = await leecher.fetch(content);
  await leecher.peers(content, [giver]);
  const half = content.bytes.length / 2;
  await leecher.until(() => leecher.snapshot(content)?.doneBytes === half);
  return { leecher, path, half, giver };
}

test('four seeders all give to one leecher', async () => {
  const content = contentOf(32 * MIB);
  const seeders = [await bed.engine(), await bed.engine(), await bed.engine(), await bed.engine()];
  for (const seeder of seeders) await seeder.seed(content);
  const leecher = await bed.engine();
  const path = await leecher.fetch(content, { peers: seeders });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  for (const seeder of seeders) expect(given(leecher, content, seeder)).toBeGreaterThan(0);
  expect(seeders.reduce((sum, seeder) => sum + given(leecher, content, seeder), 0)).toBe(content.bytes.length);
});

test('a leecher passes on what it has while it is incomplete', async () => {
  const content = contentOf(4 * MIB);
  const { leecher: first, half, giver } = await halfDone(content);
  await giver.close();
  const [second, seeder] = [await bed.engine(), await bed.engine()];
  await second.fetch(content, { peers: [first] });
  await second.until(() => second.snapshot(content)?.doneBytes === half);
  expect(given(second, content, first)).toBe(half);

  await seeder.seed(content);
  await first.peers(content, [seeder, second]);
  await Promise.all([first.completed(content), second.completed(content)]);
});

test('a seeder dies half-way and another goes on', async () => {
  const content = contentOf(4 * MIB);
  const { leecher, path, half, giver } = await halfDone(content);
  await giver.close();
  const seeder = await bed.engine();
  await seeder.seed(content);
  await leecher.peers(content, [giver, seeder]);
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  expect(given(leecher, content, seeder)).toBe(half);
});

test('without anybody it waits and says why, and goes on when somebody comes', async () => {
  const content = contentOf(2 * MIB);
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await leecher.fetch(content, { peers: [] });
  await leecher.phase(content, 'waiting');
  expect(leecher.snapshot(content)!.reason).toMatchObject({ code: 'no_seeders' });
  await seeder.seed(content);
  await leecher.peers(content, [seeder]);
  await leecher.completed(content);
});

test('the seeder dials a leecher that does not know of it', async () => {
  const content = contentOf(MIB);
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await leecher.fetch(content, { peers: [] });
  await seeder.seed(content);
  await seeder.peers(content, [leecher]);
  await leecher.completed(content);
  expect(leecher.snapshot(content)!.sources).toEqual([
    { device: seeder.device, user: seeder.user, bytes: content.bytes.length },
  ]);
});

test('two leechers that dial each other at once end with one connection and both complete', async () => {
  const content = contentOf(16 * MIB);
  const [seeder, left, right] = [await bed.engine(), await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  await Promise.all([left.fetch(content, { peers: [seeder, right] }), right.fetch(content, { peers: [seeder, left] })]);
  await Promise.all([left.completed(content), right.completed(content)]);
});

test('pause stops it, resume goes on', async () => {
  const content = contentOf(4 * MIB);
  const { leecher, path, half } = await halfDone(content);
  const seeder = await bed.engine();
  await seeder.seed(content);
  await leecher.engine.handle({ type: 'pause', share: content.share });
  expect(leecher.snapshot(content)).toMatchObject({ phase: 'paused', doneBytes: half });
  await leecher.peers(content, [seeder]);
  await seeder.peers(content, [leecher]);
  await seeder.until(() => seeder.snapshot(content)?.phase === 'seeding');
  expect(leecher.snapshot(content)).toMatchObject({ phase: 'paused', doneBytes: half });
  await leecher.engine.handle({ type: 'resume', share: content.share });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
});

test('a download that is added paused waits for resume', async () => {
  const content = contentOf(MIB);
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  await leecher.fetch(content, { peers: [seeder], paused: true });
  expect(leecher.snapshot(content)).toMatchObject({ phase: 'paused', doneBytes: 0 });
  await leecher.engine.handle({ type: 'resume', share: content.share });
  await leecher.completed(content);
});

test('stop with discard leaves nothing behind', async () => {
  const content = contentOf(4 * MIB);
  const { leecher, path } = await halfDone(content);
  await leecher.engine.handle({ type: 'stop', share: content.share, discard: true });
  for (const left of [path, `${path}.part`, `${path}.journal`]) {
    await expect(stat(left)).rejects.toMatchObject({ code: 'ENOENT' });
  }
});

test('after a restart only what is missing is fetched', async () => {
  const content = contentOf(4 * MIB);
  const { leecher, half } = await halfDone(content);
  await leecher.close();
  const seeder = await bed.engine();
  await seeder.seed(content);
  const again = await bed.engine({ number: Number.parseInt(leecher.device, 16) });
  const path = await again.fetch(content, { peers: [seeder] });
  await again.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  expect(given(again, content, seeder)).toBe(half);
});

test('an engine without identity refuses everybody, and serves again when somebody is logged in', async () => {
  const content = contentOf(MIB);
  const [seeder, leecher] = [await bed.engine(), await bed.engine()];
  await seeder.seed(content);
  await seeder.engine.handle({ type: 'identify', self: null });
  await leecher.fetch(content, { peers: [seeder] });
  await leecher.phase(content, 'waiting');
  await seeder.engine.handle({ type: 'identify', self: { device: seeder.device, user: seeder.user } });
  await leecher.peers(content, [seeder]);
  await leecher.completed(content);
});

test('a destination that exists is refused and stays as it is', async () => {
  const content = contentOf(MIB);
  const leecher = await bed.engine();
  const destination = leecher.path(`copy-of-${content.parsed.name}`);
  await writeFile(destination, 'mine');
  await expect(leecher.fetch(content)).rejects.toMatchObject({ code: 'destination_exists' });
  expect(await sameBytes(destination, Buffer.from('mine'))).toBe(true);
});

test('a source whose content changed is not offered; one that was only touched is read again and offered', async () => {
  const content = contentOf(2 * MIB);
  const [seeder, leecher] = [await bed.engine({ sourceWatchMs: 50 }), await bed.engine()];
  const path = await seeder.seed(content);
  const verified = seeder.event('source_verified')!;
  await seeder.engine.handle({ type: 'stop', share: content.share, discard: false });

  const seed = { type: 'seed', share: content.share, info: content.info, path, identity: verified.identity } as const;
  await seeder.engine.handle(seed);
  expect(seeder.snapshot(content)!.phase).toBe('seeding');
  await seeder.engine.handle({ type: 'stop', share: content.share, discard: false });

  const file = await open(path, 'r+');
  await file.write(Buffer.from('changed'), 0, 7, MIB);
  await file.close();
  await seeder.engine.handle(seed);
  await seeder.until(() => seeder.event('source_problem') !== undefined);
  expect(seeder.event('source_problem')).toMatchObject({ problem: 'changed' });
  await leecher.fetch(content, { peers: [seeder] });
  await leecher.phase(content, 'waiting');

  await writeFile(path, content.bytes);
  await seeder.until(() => seeder.events.filter((event) => event.type === 'source_verified').length === 2);
  await leecher.peers(content, [seeder]);
  await leecher.completed(content);
});

test('a source that is not there is refused, one of another size too; once it is there it is offered', async () => {
  const content = contentOf(MIB);
  const seeder = await bed.engine({ sourceWatchMs: 50 });
  const path = await seeder.seed(content);
  await rm(path);
  const seed = { type: 'seed', share: content.share, info: content.info, path, identity: '' } as const;
  await expect(seeder.engine.handle(seed)).rejects.toMatchObject({ code: 'path_not_found' });
  await writeFile(path, 'short');
  await expect(seeder.engine.handle(seed)).rejects.toMatchObject({ code: 'file_changed' });
  const before = seeder.events.length;
  await writeFile(path, content.bytes);
  await seeder.until(() => seeder.events.slice(before).some((event) => event.type === 'source_verified'));
  await seeder.phase(content, 'seeding');
});

test('a metainfo that is not the share named is refused', async () => {
  const [content, other] = [contentOf(MIB), contentOf(MIB, 2)];
  const engine = await bed.engine();
  const seed = { type: 'seed', share: content.share, info: other.info, path: '/nowhere', identity: '' } as const;
  await expect(engine.engine.handle(seed)).rejects.toMatchObject({ code: 'integrity' });
});

test('a port that is taken is told', async () => {
  const [first, second] = [await bed.engine(), await bed.engine()];
  const listen = { type: 'listen', host: '127.0.0.1', port: first.port } as const;
  await expect(second.engine.handle(listen)).rejects.toMatchObject({ code: 'address_in_use' });
});
