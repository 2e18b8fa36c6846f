import { expect, it } from 'vitest';
import type { OpenedSession } from '../domain/open-session.ts';
import { put } from '../domain/rule.ts';
import type { Writer } from '../store/writer.ts';
import { newToken, Sessions, tokenHash } from './sessions.ts';

/** Sessions over a store that counts what it is asked. */
function counting(mostKept: number) {
  const open = new Map<string, OpenedSession>();
  const asked: string[] = [];
  const writer = {
    run: async (_name: string, { tokenHash: hash }: { tokenHash: string }) => {
      asked.push(hash);
      return open.get(hash);
    },
  } as unknown as Writer;
  const logIn = (uid: string): string => {
    const token = newToken();
    open.set(tokenHash(token), { uid, name: uid, device: 'd', presenceSession: 1 });
    return token;
  };
  return { sessions: new Sessions(writer, mostKept), asked, open, logIn };
}

it('asks the store once for each session, and again for those that were not heard of for longest', async () => {
  const { sessions, asked, logIn } = counting(2);
  const [ann, ben, cem] = ['ann', 'ben', 'cem'].map(logIn);
  for (const token of [ann, ben, ann, cem]) await sessions.require(token); // ben was heard of longest ago
  expect(asked).toHaveLength(3);
  expect((await sessions.require(ann)).uid).toBe('ann');
  expect(asked).toHaveLength(3);
  expect((await sessions.require(ben)).uid).toBe('ben');
  expect(asked).toHaveLength(4);
});

it('forgets a session with its row, and all of a user with what they depend on', async () => {
  const { sessions, asked, open, logIn } = counting(10);
  const [first, second, other] = [logIn('ann'), logIn('ann'), logIn('ben')];
  for (const token of [first, second, other]) await sessions.require(token);
  open.delete(tokenHash(first));
  sessions.rowsChanged([{ entity: 'session', key: tokenHash(first), value: null }]);
  await expect(sessions.require(first)).rejects.toMatchObject({ code: 'not_logged_in' });
  expect((await sessions.require(second)).uid).toBe('ann');
  expect(asked).toHaveLength(4);
  open.clear();
  sessions.rowsChanged([put('login', 'ann/d', { id: 'l', epoch: 'e', on: false, at: 1 })]);
  await expect(sessions.require(second)).rejects.toMatchObject({ code: 'not_logged_in' });
  expect((await sessions.require(other)).uid).toBe('ben');
});
