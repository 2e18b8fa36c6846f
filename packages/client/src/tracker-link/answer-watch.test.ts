import { PeerageError } from '@peerage/contract';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AnswerWatch } from './answer-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks at a tracker that lets a request wait, again and again, and gives up everything that waits when it is gone', async () => {
  const gone = new PeerageError('tracker_unreachable', 'gone');
  const probe = vi.fn<() => Promise<void>>().mockResolvedValue(undefined);
  const watch = new AnswerWatch(probe);
  const [first, second] = [vi.fn(), vi.fn()];
  const answered = watch.watch(vi.fn());
  answered();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(probe).not.toHaveBeenCalled();

  watch.watch(first);
  await vi.advanceTimersByTimeAsync(500);
  expect(probe).toHaveBeenCalledTimes(1);
  const secondAnswered = watch.watch(second);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(probe).toHaveBeenCalledTimes(2);
  probe.mockRejectedValue(gone);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(first).toHaveBeenCalledExactlyOnceWith(gone);
  expect(second).toHaveBeenCalledExactlyOnceWith(gone);
  secondAnswered();
  expect(vi.getTimerCount()).toBe(0);
});
