import { Geometry } from '@peerage/bittorrent';
import { MemoryStore } from '@peerage/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Checkpoints } from './checkpoints.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is stored is synced some seconds later, once for all of it, also after it was stopped and opened anew', async () => {
  const failures: unknown[] = [];
  const checkpoints = new Checkpoints((error) => failures.push(error));
  let made = 0;
  const store = new MemoryStore(new Geometry(1), {
    fail: (operation) => (operation === 'checkpoint' && ++made === 3 ? 'io' : undefined),
  });
  checkpoints.soon(store);
  checkpoints.soon(store);
  await vi.advanceTimersByTimeAsync(5000);
  expect(made).toBe(1);
  checkpoints.soon(store);
  await checkpoints.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(made).toBe(1);
  checkpoints.soon(store);
  await vi.advanceTimersByTimeAsync(5000);
  expect([made, failures]).toEqual([2, []]);
  checkpoints.soon(store);
  await vi.advanceTimersByTimeAsync(5000);
  expect(failures).toMatchObject([{ failure: 'io' }]);
});
