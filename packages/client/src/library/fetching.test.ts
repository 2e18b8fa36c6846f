import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineRequest, TransferSnapshot } from '../engine/engine-protocol.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { Fetching } from './fetching.ts';
import { newDeviceKey } from './identities.ts';
import { Library } from './library.ts';

let folder: string;
let library: Library;
let fetching: Fetching;
/** What happens while the engine is asked. */
let during: (request: EngineRequest) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-fetching-'));
  library = new Library(folder);
  during = () => undefined;
  const engine: EngineThread = {
    request: async (request) => {
      during(request);
      return null;
    },
    close: async () => undefined,
  };
  fetching = new Fetching({
    library,
    engine,
    home: folder,
    nowMs: () => 1,
    tell: () => undefined,
    presenceChanged: () => undefined,
    completed: () => undefined,
  });
  await fetching.start({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
});
afterEach(() => {
  library.close();
  rmSync(folder, { recursive: true });
});

const infoHash = 'aa'.repeat(20);
const failure = { code: 'integrity', message: 'it does not match' } as const;
const add = () => {
  const wanted = { infoHash, gid: 'g1', groupName: 'team', name: 'film', destination: join(folder, 'film') };
  return fetching.add({ ...wanted, sizeBytes: 7 }, new Uint8Array(1));
};
const snapshot = (phase: TransferSnapshot['phase'], reason: TransferSnapshot['reason'] = null): TransferSnapshot => ({
  ...{ share: infoHash, phase, sizeBytes: 7, doneBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 },
  ...{ uploadedBytes: 0, usefulPeers: 0, sources: [], reason },
});
const states = () => [fetching.list()[0]!.state, library.downloads.ofUser('u1')[0]!.state];
const complete = () => fetching.onCompleted({ type: 'completed', share: infoHash, path: '', identity: '{}' });

test('a download that failed has its reason at once, however the engine tells it', async () => {
  await add();
  const seen: unknown[] = [];
  fetching.watch(() => seen.push([fetching.list()[0]!.state, fetching.list()[0]!.reason]));
  fetching.onSnapshot(snapshot('failed', failure));
  fetching.onFailed({ type: 'failed', share: infoHash, ...failure });
  expect(seen).toEqual([
    ['E', failure],
    ['E', failure],
  ]);
});

test('a failed download that is tried again shows nothing of the failure, and what the engine tells before its answer counts', async () => {
  const row = await add();
  fetching.onSnapshot(snapshot('failed', failure));
  fetching.onFailed({ type: 'failed', share: infoHash, ...failure });
  during = () => fetching.onSnapshot(snapshot('verifying'));
  await fetching.resume(fetching.find('team', 'film'));
  expect(fetching.list()).toMatchObject([{ id: row.id, state: 'V', reason: null }]);

  fetching.onFailed({ type: 'failed', share: infoHash, ...failure });
  during = complete;
  await fetching.resume(fetching.find('team', 'film'));
  expect(states()).toEqual(['C', 'completed']);
});

test('a failed download that can not be tried again stays failed, for the reason it had', async () => {
  await add();
  fetching.onFailed({ type: 'failed', share: infoHash, ...failure });
  during = () => {
    throw new Error('no');
  };
  await expect(fetching.resume(fetching.find('team', 'film'))).rejects.toThrow('no');
  expect(fetching.list()).toMatchObject([{ state: 'E', reason: failure }]);
});

test('a download that ends while it is being paused is ended', async () => {
  await add();
  during = complete;
  await fetching.pause(fetching.find('team', 'film'));
  expect(states()).toEqual(['C', 'completed']);
});
