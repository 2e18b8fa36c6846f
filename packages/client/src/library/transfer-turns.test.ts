import { expect, test } from 'vitest';
import { TransferTurns } from './transfer-turns.ts';

const turns = new TransferTurns();
const told: string[] = [];
const step = (name: string, until?: Promise<void>) => async () => {
  told.push(`${name} begins`);
  await until;
  told.push(`${name} ends`);
};

test('about one transfer one after another, about two side by side; all of them between what was before and what comes after', async () => {
  const first = Promise.withResolvers<void>();
  const steps = [
    turns.take('film', step('a', first.promise)),
    turns.take('film', step('b')),
    turns.take('song', step('c')),
  ];
  await steps[2];
  const all = turns.takeAll(step('all'));
  const after = turns.take('song', step('d'));
  first.resolve();
  await Promise.all([...steps, all, after]);
  const inOrder = ['a', 'c', 'c', 'a', 'b', 'b', 'all', 'all', 'd', 'd'];
  expect(told.map((line) => line.split(' ')[0])).toEqual(inOrder);
});

test('a step that fails keeps nobody from his turn', async () => {
  const fails = async () => {
    throw new Error('no');
  };
  const [one, all] = [turns.take('film', fails), turns.takeAll(fails)];
  const next = turns.take('film', async () => 'yes');
  await expect(one).rejects.toThrow('no');
  await expect(all).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('what is there under a name is looked up again when its turn comes', async () => {
  const steps: string[] = [];
  let named: string | undefined = 'film';
  const find = () => {
    if (named === undefined) throw new Error('none');
    return named;
  };
  const gate = Promise.withResolvers<void>();
  const before = turns.take('film', () => gate.promise);
  const one = turns.takeOf(find, async () => void steps.push(find()));
  const gone = expect(turns.takeOf(find, () => Promise.resolve())).resolves.toBeUndefined();
  named = 'other';
  gate.resolve();
  await Promise.all([before, one, gone]);
  expect(steps).toEqual(['other']);
  named = undefined;
  await expect(turns.takeOf(find, () => Promise.resolve())).rejects.toThrow('none');
});

test('who logs in or out interrupts what takes long', async () => {
  const ended: boolean[] = [];
  const long = turns.take(
    'film',
    (ending) =>
      new Promise<void>((resolve) => {
        ending.addEventListener('abort', () => resolve());
      }),
  );
  const waits = turns.take('film', async (ending) => void ended.push(ending.aborted));
  await new Promise((resolve) => setImmediate(resolve));
  await turns.takeAll(async () => undefined);
  await Promise.all([long, waits, turns.take('film', async (ending) => void ended.push(ending.aborted))]);
  expect(ended).toEqual([true, false]);
});
