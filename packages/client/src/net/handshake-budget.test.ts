import { beforeEach, describe, expect, test } from 'vitest';
import { HandshakeBudget } from './handshake-budget.ts';

let nowMs = 0;
let budget: HandshakeBudget;
beforeEach(() => {
  nowMs = 0;
  budget = new HandshakeBudget(() => nowMs);
});

const address = (number: number) => `10.0.${number >> 8}.${number & 255}`;

/** Begins as many as it may, of at most `most`; each is over at once, or stays pending. */
function begin(host: string, most: number, options: { pending?: boolean } = {}): number {
  for (let begun = 0; begun < most; begun++) {
    const settled = budget.admit(host);
    if (settled === undefined) return begun;
    if (!options.pending) settled();
  }
  return most;
}

describe('one address', () => {
  test('may begin 32 at once, then 10 a second', () => {
    expect(begin(address(1), 100)).toBe(32);
    nowMs = 1000;
    expect(begin(address(1), 100)).toBe(10);
    nowMs = 1050;
    expect(begin(address(1), 100)).toBe(0);
    nowMs = 1100;
    expect(begin(address(1), 100)).toBe(1);
  });

  test('has at most 16 pending; each that is over, once, makes room', () => {
    const settled = Array.from({ length: 16 }, () => budget.admit(address(1))!);
    expect(budget.admit(address(1))).toBeUndefined();
    settled[0]!();
    settled[0]!();
    expect(begin(address(1), 100, { pending: true })).toBe(1);
  });

  test('of IPv6 is a whole /64', () => {
    let begun = 0;
    for (let host = 0; host < 100; host++) begun += begin(`2001:db8:1:2::${host.toString(16)}`, 1);
    expect(begun).toBe(32);
    expect(begin('2001:db8:1:3::1', 1)).toBe(1);
  });
});

describe('all addresses', () => {
  /** Everybody tries once. */
  const flood = (from: number, count: number, options: { pending?: boolean } = {}) => {
    let begun = 0;
    for (let number = from; number < from + count; number++) begun += begin(address(number), 1, options);
    return begun;
  };

  test('begin 100 a second; a third is kept for who lately showed a certificate', () => {
    expect(flood(0, 500)).toBe(66);
    budget.showedCertificate(address(1000));
    expect(begin(address(1000), 100)).toBe(32);
    expect(flood(500, 500)).toBe(0);
    nowMs = 1000;
    expect(flood(2000, 500)).toBe(66);
  });

  test('have 128 pending, of which a third is kept as well', () => {
    let begun = 0;
    for (let second = 0; second < 5; second++) {
      nowMs = second * 1000;
      begun += flood(second * 100, 100, { pending: true });
    }
    expect(begun).toBe(86);
    budget.showedCertificate(address(1000));
    expect(begin(address(1000), 100, { pending: true })).toBe(16);
    nowMs += 600_000;
    expect(begin(address(1000), 100)).toBe(0);
  });

  test('are forgotten where there are too many, but not what is pending or kept', () => {
    const settled = budget.admit('192.0.2.1')!;
    budget.showedCertificate('192.0.2.2');
    for (let number = 0; number < 30_000; number++) {
      nowMs += 15;
      begin(address(number), 1);
    }
    expect(begin('192.0.2.1', 100, { pending: true })).toBe(15);
    settled();
    flood(0, 500);
    expect(begin('192.0.2.2', 1)).toBe(1);
  });
});
