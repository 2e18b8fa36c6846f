import { afterEach, beforeEach, expect, test } from 'vitest';
import { FetchingBed } from '../library/fetching.fixture.ts';
import { downloadCommands } from './downloads.ts';
import type { Client } from './handler.ts';

let bed: FetchingBed;
beforeEach(async () => {
  session.account = {};
  bed = await FetchingBed.start();
});
afterEach(() => bed.end());

const session = { account: {} as object | undefined, required: () => undefined };
/** How the wait ends, or undefined while it goes on. */
function waiting(params: { timeoutMs?: number } = {}, signal?: AbortSignal) {
  const client = { session, fetching: bed.fetching } as unknown as Client;
  const wait = { end: undefined as unknown };
  downloadCommands.wait(client, params, signal ? { signal } : {}).then(
    (result) => {
      wait.end = result;
    },
    (error: { code: string; message: string }) => {
      wait.end = `${error.code}: ${error.message}`;
    },
  );
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return wait.end;
  };
}

test('without downloads it is over at once', async () => {
  expect(await waiting()()).toEqual({ completed: 0, failed: 0 });
});

test('it goes on while one is fetched, waits or is verified, and counts what is complete', async () => {
  await bed.add('one');
  await bed.add('two');
  const end = waiting();
  for (const phase of ['fetching', 'waiting', 'verifying', 'seeding'] as const) {
    bed.phase('one', phase);
    bed.complete('two');
    expect(await end()).toBeUndefined();
  }
  bed.complete('one');
  expect(await end()).toEqual({ completed: 2, failed: 0 });
});

test('a paused one is no reason to wait', async () => {
  await bed.add('one');
  const end = waiting();
  expect(await end()).toBeUndefined();
  await bed.fetching.pause(bed.fetching.known.find('team', 'one'));
  expect(await end()).toEqual({ completed: 0, failed: 0 });
});

test('a cancelled one neither', async () => {
  await bed.add('one');
  const end = waiting();
  await bed.fetching.cancel(bed.fetching.known.find('team', 'one'));
  expect(await end()).toEqual({ completed: 0, failed: 0 });
});

test('a failed one makes it fail with that code, once nothing goes on any more', async () => {
  await bed.add('one');
  await bed.add('two');
  const end = waiting();
  bed.fail('one');
  expect(await end()).toBeUndefined();
  bed.complete('two');
  expect(await end()).toBe("integrity: 'one' failed: it does not match");
});

test('it ends when its time is over, or when it is interrupted', async () => {
  await bed.add('one');
  const soon = waiting({ timeoutMs: 0 });
  while ((await soon()) === undefined);
  expect(await soon()).toMatch(/^timeout: the time is over and 1 of the downloads is not finished/);
  const stop = new AbortController();
  const end = waiting({}, stop.signal);
  expect(await end()).toBeUndefined();
  stop.abort();
  expect(await end()).toMatch(/^interrupted: /);
});

test('while a login is under way nothing is over', async () => {
  await bed.add('one');
  await bed.fetching.stop();
  const end = waiting();
  expect(await end()).toBeUndefined();
  await bed.startAgain();
  expect(await end()).toBeUndefined();
  bed.complete('one');
  expect(await end()).toEqual({ completed: 1, failed: 0 });
});

test('a logout ends it, and it does not call that a success', async () => {
  await bed.add('one');
  const end = waiting();
  session.account = undefined;
  await bed.fetching.stop();
  expect(await end()).toMatch(/^not_logged_in: /);
});
