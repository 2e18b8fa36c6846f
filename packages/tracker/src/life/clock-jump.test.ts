import { expect, it } from 'vitest';
import { hlcTimeMs } from '../domain/entities.ts';
import { defaultLimits } from '../domain/limits.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { createWriter } from '../store/writer.ts';
import { creation } from '../testing/world.ts';
import { ClockGuard, newClockAgreements } from './clock-guard.ts';

it('a clock that is an hour ahead for 10 s: nothing is acknowledged meanwhile, and nothing ever carries a stamp that others would refuse', async () => {
  const clock = { wallMs: Date.UTC(2025, 2, 1), monotonicMs: 0 };
  const guard = new ClockGuard(
    () => clock.wallMs,
    () => clock.monotonicMs,
    newClockAgreements(),
  );
  const store = new MemoryStore(() => guard.nowMs());
  const writer = createWriter(store, defaultLimits, { clock: guard });
  const [truthMs, latestMs] = [() => clock.wallMs - jumpMs, () => hlcTimeMs(store.now())];
  let jumpMs = 0;
  const create = (name: string) =>
    writer.run('createUser', { uid: name, creation: creation(name), passwordHash: '', epoch: '' });
  const second = () => {
    clock.wallMs += 1_000;
    clock.monotonicMs += 1_000;
  };

  await create('before');
  jumpMs = 3_600_000;
  clock.wallMs += jumpMs;
  for (let passed = 0; passed < 10; passed++, second()) {
    await expect(create(`meanwhile${passed}`)).rejects.toMatchObject({ code: 'clock_skew' });
    await writer.run('totals', {}); // reading moves the hybrid clock too
    expect(Math.abs(latestMs() - truthMs())).toBeLessThan(60_000);
  }
  clock.wallMs -= jumpMs;
  jumpMs = 0;
  await create('after');
  for (const row of await store.scan('user', '')) {
    expect(Math.abs(hlcTimeMs(row.stamp.hlc) - truthMs())).toBeLessThan(60_000);
  }
  expect(await store.count('user', '')).toBe(2);
});
