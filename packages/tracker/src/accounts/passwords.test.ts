import { describe, expect, it } from 'vitest';
import { Challenges } from './challenges.ts';
import { Passwords } from './passwords.ts';

describe('passwords', () => {
  const passwords = new Passwords();
  const lane = { block: '192.0.2.1', account: 'alice', isKnown: false };

  it('are stored as argon2id with a salt of their own, and compared', async () => {
    const [first, second] = await Promise.all([passwords.hash('secret', lane), passwords.hash('secret', lane)]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(first).not.toBe(second);
    expect(await passwords.verify('secret', first, lane)).toBe(true);
    expect(await passwords.verify('Secret', first, lane)).toBe(false);
    expect(await passwords.verify('caf\u00e9', await passwords.hash('cafe\u0301', lane), lane)).toBe(true);
  });

  it('cost the same work where there is no user', async () => {
    const stored = await passwords.hash('secret', lane);
    const time = async (hash: string | undefined) => {
      const startMs = performance.now();
      expect(await passwords.verify('wrong', hash, lane)).toBe(false);
      return performance.now() - startMs;
    };
    const [known, unknown] = [await time(stored), await time(undefined)];
    expect(unknown).toBeGreaterThan(known / 10);
  });

  it('are hashed two at a time; 64 callers wait, the next is refused, and all who waited are served', async () => {
    const calls = Array.from({ length: 70 }, () =>
      passwords.hash('x', lane).then(
        () => 'done',
        (error) => error.code,
      ),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(66);
    expect(outcomes.slice(66)).toEqual(Array(4).fill('throttled'));
    await passwords.hash('again', lane);
  });
});

describe('challenges', () => {
  const here = { exported: Buffer.alloc(32, 1), trackerPin: Buffer.alloc(32) };
  const elsewhere = { exported: Buffer.alloc(32, 2), trackerPin: Buffer.alloc(32) };

  it('are good once, for 30 s, for their user and key, on their connection', () => {
    let nowMs = 0;
    const challenges = new Challenges(() => nowMs);
    const made = challenges.make('u', 'k', here);
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(challenges.take(made, 'u', 'k', here)).toBe(true);
    expect(challenges.take(made, 'u', 'k', here)).toBe(false);
    expect(challenges.take(challenges.make('u', 'k', here), 'v', 'k', here)).toBe(false);
    expect(challenges.take(challenges.make('u', 'k', here), 'u', 'l', here)).toBe(false);
    expect(challenges.take(challenges.make('u', 'k', here), 'u', 'k', elsewhere)).toBe(false);
    const late = challenges.make('u', 'k', here);
    nowMs = 30_000;
    expect(challenges.take(late, 'u', 'k', here)).toBe(false);
  });

  it('are one for each connection, and when there are too many the oldest goes', () => {
    const challenges = new Challenges(() => 0);
    const on = (n: number) => ({
      exported: Buffer.from(n.toString(16).padStart(64, '0'), 'hex'),
      trackerPin: here.trackerPin,
    });
    const replaced = challenges.make('u', 'k', here);
    const latest = challenges.make('u', 'k', here);
    const oldest = challenges.make('u', 'k', on(0));
    for (let n = 1; n < 9_999; n++) challenges.make('u', 'k', on(n));
    expect(challenges.take(latest, 'u', 'k', here)).toBe(true);
    expect(challenges.take(replaced, 'u', 'k', here)).toBe(false);
    for (let n = 9_999; n < 10_001; n++) challenges.make('u', 'k', on(n));
    const newest = challenges.make('u', 'k', on(10_001));
    expect(challenges.take(oldest, 'u', 'k', on(0))).toBe(false);
    expect(challenges.take(newest, 'u', 'k', on(10_001))).toBe(true);
  });
});
