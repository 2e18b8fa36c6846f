import { PeerageError } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineRequest } from '../engine/engine-protocol.ts';
import { FetchingBed } from '../library/fetching.fixture.ts';
import { TransferTurns } from '../library/transfer-turns.ts';
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
    verifyProgress: { watch: () => () => undefined },
  } as unknown as Client;
});
afterEach(() => bed.end());

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
