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

it('what came while a try was under way is given up by the next one', async () => {
  const tries: ((error: PeerageError) => void)[] = [];
  const watch = new AnswerWatch(() => new Promise((_resolve, reject) => void tries.push(reject)));
  const gone = new PeerageError('tracker_unreachable', 'gone');
  const [first, second] = [vi.fn(), vi.fn()];
  const over = watch.watch(first);
  await vi.advanceTimersByTimeAsync(500);
  const secondOver = watch.watch(second);
  tries[0]!(gone);
  await vi.advanceTimersByTimeAsync(0);
  over();
  expect(first).toHaveBeenCalledExactlyOnceWith(gone);
  expect(second).not.toHaveBeenCalled();
  expect(tries).toHaveLength(2);
  tries[1]!(gone);
  await vi.advanceTimersByTimeAsync(0);
  expect(second).toHaveBeenCalledExactlyOnceWith(gone);
  secondOver();
  expect(vi.getTimerCount()).toBe(0);
});
