import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settleDuplicate } from './duplicates.ts';

const endsAtMs = Number.POSITIVE_INFINITY;

interface End {
  readonly id: number;
  readonly dialed: boolean;
  readonly endsAtMs: number;
}

/** One side as it learns of connections one after another; a closed one is told to the other side. */
class Side {
  readonly open: End[] = [];
  readonly #devices: { readonly own: string; readonly other: string };

  constructor(own: string, other: string) {
    this.#devices = { own, other };
  }

  /** Returns the ids that this side closes. */
  learn(added: End): number[] {
    const verdict = settleDuplicate(this.#devices, this.open, added);
    if (verdict.refuse) return [added.id];
    this.open.push(added);
    const closed = verdict.close.map(({ id }) => id);
    for (const id of closed) this.lose(id);
    return closed;
  }

  lose(id: number): void {
    const at = this.open.findIndex((end) => end.id === id);
    if (at !== -1) this.open.splice(at, 1);
  }
}

test('whoever dials, and in whatever order both sides learn of it, the same connection remains', () => {
  const dial = fc.record({ bySmaller: fc.boolean(), order: fc.nat(), otherOrder: fc.nat() });
  fc.assert(
    fc.property(fc.array(dial, { minLength: 1, maxLength: 4 }), (dials) => {
      const smaller = new Side('1', '2');
      const larger = new Side('2', '1');
      const closed = new Set<number>();
      const facts = dials.flatMap(({ bySmaller, order, otherOrder }, id) => [
        { at: order, side: smaller, end: { id, dialed: bySmaller, endsAtMs } },
        { at: otherOrder, side: larger, end: { id, dialed: !bySmaller, endsAtMs } },
      ]);
      facts.sort((left, right) => left.at - right.at);
      for (const { side, end } of facts) {
        if (closed.has(end.id)) continue;
        for (const id of side.learn(end)) {
          closed.add(id);
          smaller.lose(id);
          larger.lose(id);
        }
      }
      const remaining = smaller.open.map(({ id }) => id);
      expect(remaining).toEqual(larger.open.map(({ id }) => id));
      expect(remaining.length).toBe(1);
    }),
    { numRuns: 3000 },
  );
});

test('two at once: the one that the smaller device dialed', () => {
  const dialed = { dialed: true, endsAtMs };
  const accepted = { dialed: false, endsAtMs };
  expect(settleDuplicate({ own: '1', other: '2' }, [accepted], dialed)).toEqual({ refuse: false, close: [accepted] });
  expect(settleDuplicate({ own: '2', other: '1' }, [accepted], dialed)).toEqual({ refuse: true });
  expect(settleDuplicate({ own: '2', other: '1' }, [dialed], accepted)).toEqual({ refuse: false, close: [dialed] });
});
