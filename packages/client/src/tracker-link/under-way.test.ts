import { expect, test } from 'vitest';
import { UnderWay } from './under-way.ts';

test('what is given up ends at once, though no answer ever comes, and later calls are others', async () => {
  const calls = new UnderWay();
  const silent = [calls.until(new Promise(() => undefined)), calls.until(new Promise(() => undefined))];
  calls.giveUp();
  for (const call of silent) await expect(call).rejects.toMatchObject({ code: 'tracker_unreachable' });
  expect(await calls.until(Promise.resolve(1))).toBe(1);
  await expect(calls.until(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('an answer that comes too late goes nowhere, whatever it is', async () => {
  const calls = new UnderWay();
  const late = Promise.withResolvers<never>();
  const call = calls.until(late.promise);
  calls.giveUp();
  await expect(call).rejects.toMatchObject({ code: 'tracker_unreachable' });
  late.reject(new Error('refused')); // an unhandled rejection would fail this run
  await new Promise((resolve) => setImmediate(resolve));
});
