import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FetchingBed, failure } from './fetching.fixture.ts';

let bed: FetchingBed;
beforeEach(async () => {
  bed = await FetchingBed.start();
});
afterEach(() => bed.end());

const film = () => bed.fetching.known.find('team', 'film');
const states = () => [bed.fetching.known.list()[0]!.state, bed.library.downloads.ofUser('u1')[0]!.state];

test('a download that failed has its reason from the first moment on', async () => {
  await bed.add('film');
  const seen: unknown[] = [];
  bed.fetching.watch(() => seen.push(bed.fetching.known.list().map(({ state, reason }) => [state, reason])));
  bed.fail('film');
  expect(seen).toEqual([[['E', failure]]]);
});

test('a download is failed to who looks at it and to who resumes it at the same moment', async () => {
  await bed.add('film');
  bed.phase('film', 'failed', failure);
  expect(states()).toEqual(['W', 'running']);
  bed.fail('film');
  expect(states()).toEqual(['E', 'failed']);
});

test('a failed download that is tried again shows nothing of the failure, and what the engine tells before its answer counts', async () => {
  await bed.add('film');
  bed.fail('film');
  bed.during = () => bed.phase('film', 'verifying');
  await bed.fetching.resume(film());
  expect(bed.fetching.known.list()).toMatchObject([{ state: 'V', reason: null }]);

  bed.fail('film');
  bed.during = () => bed.complete('film');
  await bed.fetching.resume(film());
  expect(states()).toEqual(['C', 'completed']);
});

test('a failed download that can not be tried again stays failed, for the reason it had', async () => {
  await bed.add('film');
  bed.fail('film');
  bed.during = () => {
    throw new Error('no');
  };
  await expect(bed.fetching.resume(film())).rejects.toThrow('no');
  expect(bed.fetching.known.list()).toMatchObject([{ state: 'E', reason: failure }]);
});

test('how far a download came, and from whom, is known after a restart also where the engine has not got it', async () => {
  await bed.add('film');
  bed.phase('film', 'fetching', null, 5);
  bed.fail('film');
  await bed.add('song');
  bed.phase('song', 'fetching', null, 4);
  await bed.fetching.stop();
  await bed.startAgain();
  const sources = (bytes: number) => [{ device: 'd2', user: 'bob', bytes }];
  expect(bed.fetching.known.list().toSorted((a, b) => a.file.localeCompare(b.file))).toMatchObject([
    { file: 'film', state: 'E', done: 5, sources: sources(5) },
    { file: 'song', state: 'W', done: 4, sources: sources(4) },
  ]);
});

test('a download that ends while it is being paused is ended', async () => {
  await bed.add('film');
  bed.during = () => bed.complete('film');
  await bed.fetching.pause(film());
  expect(states()).toEqual(['C', 'completed']);
});

test('a path is known to be written to however its folder is reached', async () => {
  await bed.add('film');
  symlinkSync(bed.folder, join(bed.folder, 'link'));
  const writesTo = async (path: string) => (await bed.fetching.known.writesTo(path))?.name;
  expect(await writesTo(join(bed.folder, 'film'))).toBe('film');
  expect(await writesTo(join(bed.folder, 'link', 'film'))).toBe('film');
  expect(await writesTo(join(bed.folder, 'link', 'other'))).toBeUndefined();
  expect(await writesTo(join(bed.folder, '..', 'film'))).toBeUndefined();
  bed.complete('film');
  expect(await writesTo(join(bed.folder, 'film'))).toBeUndefined();
});

test('a finished download is noted with its share, or not at all', async () => {
  await bed.add('film');
  bed.complete('film');
  expect(states()).toEqual(['C', 'completed']);
  expect(bed.library.shares.ofUser('u1')).toMatchObject([
    { name: 'film', path: film().destination, acknowledged: false },
  ]);
});

test('a download sends at some rate while it runs; once it is complete its share tells that', async () => {
  await bed.add('film');
  bed.phase('film', 'fetching');
  expect(bed.fetching.known.list()).toMatchObject([{ state: 'D', up_rate: 5 }]);
  bed.complete('film');
  expect(bed.fetching.known.list()).toMatchObject([{ state: 'C', up_rate: 0 }]);
});
