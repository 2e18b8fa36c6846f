import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../durability/seeded-random.ts';
import { isEqual, leftovers } from './on-disk.ts';
import { contents, OverlapWorld } from './overlap-world.ts';
import { type Given, giveAtOnce } from './schedule.ts';

/** So many in the suite; by hand others are tried (docs/decisions/0055). */
const SCHEDULES = Number(process.env['PEERAGE_SCHEDULES'] ?? 4);
const SEED = Number(process.env['PEERAGE_SEED'] ?? 2);
const FROM = Number(process.env['PEERAGE_FROM'] ?? 0);

let world: OverlapWorld;
beforeAll(async () => {
  world = await OverlapWorld.start();
});
afterAll(() => world.stop());

const downloads = async () => (await world.member.call('show_downloads', {})).downloads;
const shares = async () => (await world.member.call('shares', {})).shares;

/** What was given and how it stands, for whoever has to find out what went wrong. */
async function told(given: readonly Given[]): Promise<string> {
  const lines = given.map(({ words, gapMs, outcome }) => `  +${gapMs} ${words} -> ${outcome}`);
  const stand = await world.member.call('show_downloads', {}).then(
    (answer) =>
      answer.downloads.map((one) => `  ${one.state} ${one.file} ${one.destination} ${one.reason?.message ?? ''}`),
    (error) => [String(error)],
  );
  const offered = await shares().then(
    (all) => all.map((one) => `  ${one.state} ${one.file} ${one.path}`),
    (error) => [String(error)],
  );
  return ['', ...lines, 'downloads:', ...stand, 'shares:', ...offered, ...world.defects()].join('\n');
}

/** Asks until it is so; what is still not so after so long is not going to be. */
async function soon(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return true;
    await pause(10);
  }
  return false;
}

async function settle(given: readonly Given[]): Promise<void> {
  await world.logIn();
  for (const { state, file, group } of await downloads()) {
    if (state === 'P' || state === 'E') await world.member.call('resume_download', { group, file });
  }
  await world.member.call('wait', { timeoutMs: 20_000 });
  // What was removed on request is there no more, whichever line names it.
  const removed = new Set(given.flatMap((one) => one.removed ?? []));
  const all = await downloads();
  const folder = world.path('shared');
  for (const { state, file, destination, files } of all) {
    expect(state).toBe('C');
    if (removed.has(destination)) continue;
    const isPart = files !== undefined && files.chosen < files.all;
    expect([file, await soon(async () => isEqual(`${folder}/${file}`, destination, isPart))]).toEqual([file, true]);
  }
  const ended = given.some(({ words, outcome }) => /stop_share|remove/.test(words) && outcome === 'ok');
  for (const { file, files } of all) {
    if (ended || (files && files.chosen < files.all)) continue;
    const isOffered = async () => (await shares()).some((share) => share.file === file && share.state === 'offered');
    expect([file, 'offered', await soon(isOffered)]).toEqual([file, 'offered', true]);
  }
  for (const { file, path, files, state } of await shares()) {
    if (state !== 'offered') expect([file, state, removed.has(path)]).toEqual([file, state, true]);
    else
      expect([path, isEqual(`${folder}/${file}`, path, files !== undefined && files.held < files.all)]).toEqual([
        path,
        true,
      ]);
  }
}

/** After a logout and a login everything is as its lines say; what had just become complete may be a share only then. */
async function goneAndBack(): Promise<void> {
  const lines = async () => (await downloads()).map(({ id, state }) => `${state} ${id}`);
  const offers = async () => (await shares()).map(({ file, path, state }) => `${state} ${file} ${path}`);
  const [linesBefore, offersBefore] = [await lines(), await offers()];
  await world.member.call('logout', {});
  await world.logIn();
  await soon(async () => String(await lines()) === String(linesBefore));
  expect(await lines()).toEqual(linesBefore);
  const areBack = async () => {
    const now = new Set(await offers());
    return offersBefore.every((offer) => now.has(offer));
  };
  if (!(await soon(areBack))) expect(await offers()).toEqual(offersBefore);
}

/** Ends everything, and finds nothing left of it but what was complete. */
async function clear(given: readonly Given[], folder: string): Promise<void> {
  for (const { group, file } of await downloads()) await world.member.call('cancel_download', { group, file });
  for (const { group, file } of await shares()) await world.member.call('stop_share', { group, file });
  expect(await downloads()).toEqual([]);
  expect(await shares()).toEqual([]);
  expect(await soon(async () => readdirSync(world.path('member', 'journals')).length === 0)).toBe(true);
  if (!given.some(({ words }) => words.includes('keep'))) expect(leftovers(folder)).toEqual([]);
}

async function plainDownload(name: string): Promise<void> {
  const folder = world.freshFolder(name);
  for (const file of contents) {
    await world.member.call('download_file', { group: 'team', file, destination: `${folder}/${file}`, cwd: folder });
  }
  await world.member.call('wait', { timeoutMs: 20_000 });
  for (const file of contents) {
    const isThere = async () => isEqual(world.path('shared', file), `${folder}/${file}`, false);
    expect([file, await soon(isThere)]).toEqual([file, true]);
  }
  for (const file of contents) await world.member.call('cancel_download', { group: 'team', file, data: 'remove' });
  for (const file of contents) expect(existsSync(`${folder}/${file}`)).toBe(false);
}

test('commands on one transfer that overlap in any order are each answered, and leave it in one state that is true', async () => {
  const failures: string[] = [];
  for (let at = FROM; at < FROM + SCHEDULES; at++) {
    const folder = world.freshFolder(`schedule-${at}`);
    const given: Given[] = [];
    try {
      await giveAtOnce(world, seededRandom(SEED * 100_003 + at), folder, given);
      const wrong = given.filter(({ outcome }) => /^(not of the table|internal|protocol)/.test(outcome ?? ''));
      expect(wrong).toEqual([]);
      await settle(given);
      await goneAndBack();
      await clear(given, folder);
      await plainDownload(`plain-${at}`);
      expect(world.defects()).toEqual([]);
    } catch (error) {
      failures.push(
        `schedule ${at} of seed ${SEED}: ${error instanceof Error ? error.message : error}${await told(given)}`,
      );
      await world.stop();
      world = await OverlapWorld.start();
    }
  }
  expect(failures).toEqual([]);
});
