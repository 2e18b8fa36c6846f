import { expect, test } from 'vitest';
import { SharedTurns } from './shared-turns.ts';

test('calls made during a run share the run after it, and a failure is theirs alone', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  let running = 0;
  const turns = new SharedTurns(async () => {
    expect(++running).toBe(1);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise.finally(() => running--);
  });
  const first = turns.run();
  await Promise.resolve();
  const second = turns.run();
  const third = turns.run();
  expect(gates.length).toBe(1);
  gates[0]!.reject(new Error('disk'));
  await expect(first).rejects.toThrow('disk');
  expect(gates.length).toBe(2);
  gates[1]!.resolve();
  await Promise.all([second, third]);
  const fourth = turns.run();
  await Promise.resolve();
  gates[2]!.resolve();
  await fourth;
  expect(gates.length).toBe(3);
});

test('other work waits for the run before it, and the run after it waits for the work', async () => {
  const seen: string[] = [];
  const turns = new SharedTurns(async () => {
    seen.push('run');
    await new Promise((resolve) => setImmediate(resolve));
    seen.push('ran');
  });
  const first = turns.run();
  await Promise.resolve();
  const failing = turns.between(async () => {
    seen.push('work');
    await new Promise((resolve) => setImmediate(resolve));
    seen.push('worked');
    throw new Error('disk');
  });
  const second = turns.run();
  await expect(failing).rejects.toThrow('disk');
  await Promise.all([first, second]);
  expect(seen).toEqual(['run', 'ran', 'work', 'worked', 'run', 'ran']);
});
