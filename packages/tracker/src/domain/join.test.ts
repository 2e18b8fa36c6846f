import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entities, Entity } from './entities.ts';
import { type Held, join, takes } from './join.ts';

/** The laws of each entity's join: in whatever order, how often and in whatever groups rows are joined, the same comes out. */

const tick = fc.integer({ min: 0, max: 3 });
const word = fc.constantFrom('a', 'b');
const claim = fc.record({ claimedAt: tick, settled: fc.boolean() });
const creation = fc.constant({ name: 'x', device: '', nonce: '', signature: '' });
const named = { creation, name: word, renamedAt: tick };

const values: { readonly [E in Entity]?: fc.Arbitrary<Entities[E] | null> } = {
  user_name: claim,
  group_name: claim,
  user: fc.record(named),
  group: fc.record({ ...named, creator: word }),
  credential: fc.record({ hash: word, epoch: word, changedAt: tick }),
  device: fc.record({ publicKey: word, label: word, addedAt: tick, revoked: fc.boolean() }),
  login: fc.record({ id: word, epoch: word, on: fc.boolean(), at: tick }),
  preferred_owner: fc.record({ uid: word, at: tick }),
  application: fc.record({
    state: fc.constantFrom('pending', 'member', 'left', 'rejected', 'removed'),
    application: tick,
    applicationId: fc.constant('x'),
    since: tick,
    decidedBy: fc.option(word),
    refusals: tick,
  }),
  group_label: fc.record({ key: word }),
  content: fc.record({
    name: word,
    sizeBytes: tick,
    pieces: tick,
    sha1: word,
    by: word,
    addedAt: tick,
  }),
  intent: fc.option(fc.record({ since: tick })),
  revocation: fc.record({ at: tick }),
  command: fc.record({ route: word, bodyHash: word, result: word, at: tick }),
};

const rowsOf = (entity: Entity): fc.Arbitrary<Held> =>
  fc.record({
    entity: fc.constant(entity),
    key: fc.constant('k'),
    value: values[entity]!,
    stamp: fc.record({ hlc: tick, origin: fc.constantFrom('o', 'p'), seq: tick }),
  }) as fc.Arbitrary<Held>;

/** A stamp names one op: rows of one stamp are one row. */
const three = (entity: Entity) =>
  fc.uniqueArray(rowsOf(entity), {
    minLength: 3,
    maxLength: 3,
    selector: ({ stamp }) => `${stamp.hlc} ${stamp.origin} ${stamp.seq}`,
  });

describe.each(Object.keys(values) as Entity[])('joining rows of %s', (entity) => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(three(entity), ([a, b, c]) => {
        expect(join(a!, b!)).toEqual(join(b!, a!));
        expect(join(join(a!, b!), c!)).toEqual(join(a!, join(b!, c!)));
        expect(join(a!, a!)).toEqual(a);
        expect(join(join(a!, b!), b!)).toEqual(join(a!, b!));
      }),
      { numRuns: 300 },
    );
  });

  it('takes a local write only where it becomes what was written', () => {
    fc.assert(
      fc.property(three(entity), ([held, write]) => {
        const becomes = JSON.stringify(join(held!, write!).value) === JSON.stringify(write!.value);
        expect(takes(held, write!) === 'refuses').toBe(!becomes);
        expect(takes(undefined, write!)).toBe('takes');
      }),
      { numRuns: 300 },
    );
  });
});

describe('two sides of a cut', () => {
  const stamp = (hlc: number, origin = 'o') => ({ hlc, origin, seq: 1 });
  const application = (state: Entities['application']['state'], at: number, hlc: number): Held => ({
    entity: 'application',
    key: 'g/u/x',
    value: { state, application: at, applicationId: 'x', since: hlc, decidedBy: null, refusals: 0 },
    stamp: stamp(hlc),
  });

  it.each([
    ['pending', 'member'],
    ['member', 'left'],
    ['left', 'rejected'],
    ['rejected', 'removed'],
    ['member', 'removed'],
  ] as const)('agree on the stricter of %s and %s, whichever came later', (lax, strict) => {
    for (const [laxAt, strictAt] of [
      [5, 6],
      [6, 5],
    ] as const) {
      expect(join(application(lax, 1, laxAt), application(strict, 1, strictAt)).value).toMatchObject({ state: strict });
    }
  });

  it('never let a claim that was not settled win against a settled one, however early it was', () => {
    const claimed = (claimedAt: number, settled: boolean): Held => ({
      entity: 'user_name',
      key: 'ann/u',
      value: { claimedAt, settled },
      stamp: stamp(claimedAt),
    });
    expect(join(claimed(1, false), claimed(9, true)).value).toEqual({ claimedAt: 9, settled: true });
  });

  it('keep the password that was changed, when its user is created again by a retry', () => {
    const credential = (hash: string, changedAt: number, hlc: number): Held => ({
      entity: 'credential',
      key: 'u',
      value: { hash, epoch: hash, changedAt },
      stamp: stamp(hlc),
    });
    expect(join(credential('changed', 5, 5), credential('as created', 0, 9)).value).toMatchObject({ hash: 'changed' });
  });
});
