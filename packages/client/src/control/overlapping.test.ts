import { PeerageError } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineRequest } from '../engine/engine-protocol.ts';
import { contentOf, group } from '../engine/test-bed/engine-bed.ts';
import { FetchingBed } from '../library/fetching.fixture.ts';
import { TransferTurns } from '../library/transfer-turns.ts';
import { downloadFileCommands } from './download.ts';
import { downloadCommands } from './downloads.ts';
import type { Client } from './handler.ts';
import { verifyCommands } from './verify.ts';

let bed: FetchingBed;
let client: Client;
beforeEach(async () => {
  bed = await FetchingBed.start();
  client = {
    session: { required: () => undefined },
    fetching: bed.fetching,
    turns: new TransferTurns(),
    engine: { request: async (request: EngineRequest) => bed.during(request) },
    limits: { forgetDownload: async () => undefined },
    link: { call: async (route: string, input: { params: never; query: never }) => tracker(route, input) },
    sharing: { known: { isOffered: () => false } },
    peerLists: { refresh: async () => undefined },
    verifyProgress: { watch: () => () => undefined },
  } as unknown as Client;
});
afterEach(() => bed.end());

const contents = [1, 2].map((seed) => contentOf(1000, seed));
function tracker(route: string, { params, query }: { params: { infoHash: string }; query: { name: string } }) {
  if (route === 'findGroup') return { id: group, name: 'team' };
  if (route === 'getMetainfo') return contents.find(({ share }) => share === params.infoHash)!.info;
  const { share, parsed } = contents.find((content) => content.parsed.name === query.name)!;
  return { infoHash: share, name: parsed.name, size: 1000 };
}

const film = { group: 'team', file: 'film' };
const pause = () => downloadCommands.pause_download(client, film, {});
const resume = () => downloadCommands.resume_download(client, film, {});
const cancel = () => downloadCommands.cancel_download(client, film, {});
const verify = () => verifyCommands.verify(client, film, {});
const lines = () => [bed.fetching.known.list(), bed.library.downloads.ofUser('u1')].map((rows) => rows.length);

test('a download that is cancelled while it is tried again is gone, also where the try fails', async () => {
  await bed.add('film');
  bed.fail('film');
  const trying = Promise.withResolvers<void>();
  bed.during = ({ type }) => (type === 'fetch' ? trying.promise : undefined);
  const resumed = resume();
  const cancelled = cancel();
  trying.reject(new PeerageError('path_not_writable', 'no'));
  await expect(resumed).rejects.toMatchObject({ code: 'path_not_writable' });
  await cancelled;
  expect(lines()).toEqual([0, 0]);
});

test('the last word counts: paused and then resumed, it goes on', async () => {
  await bed.add('film');
  const asked: string[] = [];
  const pausing = Promise.withResolvers<void>();
  bed.during = ({ type }) => {
    asked.push(type);
    return type === 'pause' ? pausing.promise : undefined;
  };
  const both = [pause(), resume()];
  pausing.resolve();
  await Promise.all(both);
  expect(asked).toEqual(['pause', 'resume']);
  expect(bed.library.downloads.ofUser('u1')).toMatchObject([{ state: 'running' }]);
});

test('what completes while it is cancelled stays a share: only its line goes', async () => {
  await bed.add('film');
  const asked: EngineRequest[] = [];
  bed.during = (request) => {
    asked.push(request);
    bed.complete('film');
  };
  await cancel();
  expect(lines()).toEqual([0, 0]);
  expect(bed.library.shares.ofUser('u1')).toMatchObject([{ name: 'film' }]);
  expect(asked).toMatchObject([{ type: 'stop', only: 'download' }]);
});

test('a cancel waits for no check, neither one that is under way nor one that waits for its turn', async () => {
  await bed.add('film');
  const reading = Promise.withResolvers<void>();
  const asked: string[] = [];
  bed.during = ({ type }) => {
    asked.push(type);
    if (type === 'end_verify') reading.reject(new PeerageError('interrupted', 'ended'));
    return type === 'verify' ? reading.promise : undefined;
  };
  const checks = [verify(), verify()].map((check) => check.catch(({ code }: PeerageError) => code));
  await new Promise((resolve) => setImmediate(resolve));
  await cancel();
  expect(await Promise.all(checks)).toEqual(['interrupted', 'interrupted']);
  expect(asked).toEqual(['verify', 'end_verify', 'stop']);
});

test('two contents that are to go to one place at once do not: the second is refused', async () => {
  const fetch = ({ parsed }: (typeof contents)[0]) => {
    const wanted = { group: 'team', file: parsed.name, destination: 'here', cwd: bed.folder };
    return downloadFileCommands.download_file(client, wanted, {}).then(
      () => 'ok',
      ({ code }: PeerageError) => code,
    );
  };
  expect((await Promise.all(contents.map(fetch))).toSorted()).toEqual(['download_exists', 'ok']);
  expect(lines()).toEqual([1, 1]);
});
