import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shareOf } from './download-view.ts';
import { FetchingBed } from './fetching.fixture.ts';
import { newDeviceKey } from './identities.ts';

let bed: FetchingBed;
beforeEach(async () => {
  bed = await FetchingBed.start();
});
afterEach(() => bed.end());

/** A download that a killed client left behind: noted as complete and as a share, its journal still there. */
async function finished(name: string, path = join(bed.folder, name)) {
  const row = await bed.add(name);
  bed.library.saveFinished({ ...row, state: 'completed' }, { ...shareOf(row, 'as it was'), path });
  const journal = join(bed.folder, 'journals', row.id);
  mkdirSync(join(bed.folder, 'journals'), { recursive: true });
  writeFileSync(journal, 'a journal');
  const settle = () => bed.fetching.settle({ uid: 'u1', name: 'alice', deviceId: 'd1', key: newDeviceKey() });
  return { row, journal, settle, identity: () => bed.library.shares.find('u1', name)?.identity };
}

test('a download that was complete when its client was killed is read again before it is offered, and leaves no journal', async () => {
  const { row, journal, settle, identity } = await finished('big.bin');
  writeFileSync(row.destination, 'content');
  await settle();
  expect(existsSync(journal)).toBe(false);
  expect(identity()).toBe('');
});

test('its file may be gone', async () => {
  const { journal, settle } = await finished('gone.bin');
  await settle();
  expect(existsSync(journal)).toBe(false);
});

test('a share of the same content from another place is not read for it', async () => {
  const { settle, identity } = await finished('big.bin', '/elsewhere/big.bin');
  await settle();
  expect(identity()).toBe('as it was');
});

test('what is not complete keeps its journal', async () => {
  const { row, journal, settle } = await finished('big.bin');
  bed.library.downloads.save({ ...row, state: 'running' });
  await settle();
  expect(existsSync(journal)).toBe(true);
});
