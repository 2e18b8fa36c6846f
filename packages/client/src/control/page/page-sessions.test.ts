import { expect, test } from 'vitest';
import { PageSessions } from './page-sessions.ts';

function sessions() {
  const clock = { nowMs: 1000 };
  return { clock, sessions: new PageSessions('abcd', () => clock.nowMs) };
}
const headers = (cookie: string, secret: string) => ({ cookie, authorization: `Bearer ${secret}` });

test('a code opens one session, once', () => {
  const { sessions: page } = sessions();
  const code = page.makeCode();
  const session = page.enter(code)!;
  expect(page.admits(headers(`peerage-abcd=${session.cookie}`, session.secret))).toBe(true);
  expect(page.admits(headers(`other=1; peerage-abcd=${session.cookie}`, session.secret))).toBe(true);
  expect(page.enter(code)).toBeNull();
});

test('a code is worth nothing after half a minute, or if it was never made', () => {
  const { clock, sessions: page } = sessions();
  const code = page.makeCode();
  clock.nowMs += 30_001;
  expect(page.enter(code)).toBeNull();
  expect(page.enter('guess')).toBeNull();
});

test('cookie and secret open nothing alone, nor with those of another session or client', () => {
  const { sessions: page } = sessions();
  const one = page.enter(page.makeCode())!;
  const two = page.enter(page.makeCode())!;
  const other = new PageSessions('abcd', () => 0);
  const stale = other.enter(other.makeCode())!;
  expect(page.admits({ cookie: `peerage-abcd=${one.cookie}` })).toBe(false);
  expect(page.admits({ authorization: `Bearer ${one.secret}` })).toBe(false);
  expect(page.admits(headers(`peerage-abcd=${two.cookie}`, one.secret))).toBe(false);
  expect(page.admits(headers(`peerage-beef=${one.cookie}`, one.secret))).toBe(false);
  expect(page.admits(headers(`peerage-abcd=${stale.cookie}`, stale.secret))).toBe(false);
});

test('only the newest codes are kept', () => {
  const { sessions: page } = sessions();
  const first = page.makeCode();
  for (let made = 0; made < 16; made++) page.makeCode();
  expect(page.enter(first)).toBeNull();
});
