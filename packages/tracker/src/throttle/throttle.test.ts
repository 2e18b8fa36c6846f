import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf } from '../presence/address-blocks.ts';
import { FairQueue } from './fair-queue.ts';
import { LoginThrottle } from './login-throttle.ts';
import { Tries } from './tries.ts';

describe('blocks of addresses', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.7']],
    ['::ffff:192.0.2.7', ['192.0.2.7']],
    ['2001:db8:0:7:1::9', ['2001:db8:0:7::/64', '2001:db8:0::/48']],
    ['2001:0db8::0007:1:2:3:9', ['2001:db8:0:7::/64', '2001:db8:0::/48']],
    ['::1', ['0:0:0:0::/64', '0:0:0::/48']],
    ['fe80::1%eth0', ['fe80:0:0:0::/64', 'fe80:0:0::/48']],
  ])('of %s are %j', (source, blocks) => {
    expect(blocksOf(source)).toEqual(blocks);
  });
});

describe('tries', () => {
  it('are never more than so many at once and one every so often, whatever the pace', () => {
    const steps = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, (pausesMs) => {
        let nowMs = 0;
        const tries = new Tries(() => nowMs, { atOnce: 5, everyMs: 1_000 });
        const takenAtMs: number[] = [];
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const waitMs = tries.take('a');
          if (waitMs === 0) takenAtMs.push(nowMs);
          else expect(waitMs).toBeLessThanOrEqual(1_000);
        }
        for (const [index, fromMs] of takenAtMs.entries()) {
          for (const [more, toMs] of takenAtMs.slice(index).entries()) {
            expect(more + 1).toBeLessThanOrEqual(5 + (toMs - fromMs) / 1_000);
          }
        }
      }),
    );
  });

  it('that are taken back leave room for as many', () => {
    const tries = new Tries(() => 0, { atOnce: 2, everyMs: 1_000 });
    for (let n = 0; n < 50; n++) {
      expect(tries.take('a')).toBe(0);
      tries.giveBack('a');
    }
    expect([tries.take('a'), tries.take('a'), tries.take('a')]).toEqual([0, 0, 1_000]);
    expect(tries.take('b')).toBe(0);
  });
});

describe('the throttle', () => {
  const outcomes = (throttle: LoginThrottle, count: number, of: (n: number) => Parameters<LoginThrottle['begin']>[0]) =>
    Array.from({ length: count }, (_, n) => {
      try {
        return throttle.begin(of(n)) && 'tried';
      } catch (error) {
        expect(error).toMatchObject({ code: 'throttled', message: /^too many wrong passwords: try again in \d+ s$/ });
        return 'refused';
      }
    }).filter((outcome) => outcome === 'tried').length;
  const from = (source: string, account: string, knownDevice?: string) => ({ source, account, knownDevice });

  it('slows an account, an address and a /48, each by itself', () => {
    const throttle = new LoginThrottle(() => 0);
    expect(outcomes(throttle, 1_000, (n) => from(`192.0.2.${n % 200}`, 'alice'))).toBe(10);
    expect(outcomes(throttle, 1_000, (n) => from('198.51.100.1', `user${n}`))).toBe(30);
    expect(outcomes(throttle, 1_000, (n) => from(`2001:db8:0:${n.toString(16)}::1`, `person${n}`))).toBe(120);
    expect(outcomes(throttle, 1, () => from('203.0.113.5', 'bob'))).toBe(1);
  });

  it('lets a device that the account knows pass, ten times', () => {
    const throttle = new LoginThrottle(() => 0);
    outcomes(throttle, 1_000, () => from('192.0.2.1', 'alice'));
    expect(outcomes(throttle, 20, () => from('192.0.2.1', 'alice', 'laptop'))).toBe(10);
    expect(outcomes(throttle, 20, () => from('192.0.2.1', 'alice', 'desktop'))).toBe(10);
  });

  it('gives tries again with time, and does not count right ones', () => {
    let nowMs = 0;
    const throttle = new LoginThrottle(() => nowMs);
    for (let n = 0; n < 100; n++) throttle.begin(from('192.0.2.1', 'alice'))();
    expect(outcomes(throttle, 20, () => from('192.0.2.1', 'alice'))).toBe(10);
    nowMs = 60_000;
    expect(outcomes(throttle, 20, () => from('192.0.2.1', 'alice'))).toBe(10);
  });
});

describe('the queue', () => {
  /** A queue whose works end when the test says so, and who got through in which order. */
  function start() {
    const queue = new FairQueue(1, 6);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const enter = (block: string, account: string, isKnown = false) =>
      queue
        .run({ block, account, isKnown }, () => {
          order.push(`${block}/${account}`);
          return new Promise<void>((resolve) => ends.push(resolve));
        })
        .catch((error) => void order.push(`${block}/${account} ${error.code}`));
    const finish = async (all: Promise<unknown>[]) => {
      let over = false;
      const ended = Promise.all(all).then(() => {
        over = true;
      });
      while (!over) {
        ends.shift()?.();
        await Promise.resolve();
      }
      await ended;
    };
    return { order, enter, finish };
  }

  it('takes turns by address block, and within one by account', async () => {
    const { order, enter, finish } = start();
    const all = [enter('x', 'now')];
    for (const account of ['p', 'p', 'p', 'q']) all.push(enter('a', account));
    all.push(enter('b', 'p'), enter('c', 'p'));
    await finish(all);
    expect(order).toEqual(['x/now', 'a/p', 'b/p', 'c/p', 'a/q', 'a/p', 'a/p']);
  });

  it('lets known devices and strangers take turns, and gives strangers up for them when full', async () => {
    const { order, enter, finish } = start();
    const all = [enter('x', 'now')];
    for (const account of ['p', 'q', 'r', 's', 't', 'u']) all.push(enter(account, account));
    all.push(enter('k', 'k', true), enter('k', 'k', true));
    await finish(all);
    expect(order.filter((entry) => entry.endsWith('throttled'))).toHaveLength(2);
    const done = order.filter((entry) => !entry.endsWith('throttled'));
    expect([done[1], done[3]]).toEqual(['k/k', 'k/k']);
    expect(done).toHaveLength(7);
  });

  it('when full, takes the place of who has most, and refuses who has as much', async () => {
    const { order, enter, finish } = start();
    const all = [enter('x', 'now')];
    for (const account of ['p', 'p', 'p', 'q', 'p', 'p']) all.push(enter('a', account));
    all.push(enter('a', 'r'), enter('b', 'p'));
    await finish(all);
    expect(order.slice(0, 3)).toEqual(['x/now', 'a/r throttled', 'a/p throttled']);
    expect(order.slice(3)).toEqual(['a/p', 'b/p', 'a/q', 'a/p', 'a/p', 'a/p']);
  });
});
