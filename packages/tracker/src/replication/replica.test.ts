import { expect, it } from 'vitest';
import { POLL_MS, Replica } from './replica.ts';
import type { ReplicaEffect } from './replica-events.ts';

const HERE = 'a'.repeat(16);
const THERE = 'b'.repeat(16);
const BEFORE = 'c'.repeat(16);

/** Tracker 1, which wrote and merged something, and is asked by tracker 2 that holds as much. */
function asked(): { replica: Replica; handle: (event: Parameters<Replica['handle']>[0], nowMs?: number) => string[] } {
  const vector = { [HERE]: 3, [THERE]: 5, [BEFORE]: 2 };
  const replica = new Replica({ number: 1, others: [2], vector, nodes: [] });
  const words = (effect: ReplicaEffect) => ('id' in effect ? `${effect.kind} ${effect.id}` : effect.kind);
  const handle: ReturnType<typeof asked>['handle'] = (event, nowMs = 0) => {
    const effects = replica.handle(event, nowMs);
    replica.checkInvariants();
    return effects.map(words);
  };
  handle({ kind: 'tick' });
  const told = { node: 'd'.repeat(16), origin: THERE, vector };
  expect(handle({ kind: 'asked', id: 1, from: 2, waitMs: POLL_MS, ...told })).toEqual(['remember']);
  handle({ kind: 'answered', from: 2, answer: 'ops', replaces: false, ...told, vector: { ...vector, [THERE]: 9 } });
  return { replica, handle };
}

it('does not answer who waits with what that tracker wrote itself', () => {
  const { replica, handle } = asked();
  expect(handle({ kind: 'merged', from: 2, vector: { ...replica.vector, [THERE]: 9 }, ahead: 0 })).toEqual(['pull']);
  expect(handle({ kind: 'held', origin: HERE, seq: 4 })).toEqual(['answer 1']);
});

it('answers who waits with what its former runs wrote, which it may have lost', () => {
  const { replica, handle } = asked();
  const vector = { ...replica.vector, [BEFORE]: 3 };
  expect(handle({ kind: 'merged', from: 2, vector, ahead: 0 })).toEqual(['answer 1', 'pull']);
});

it('answers who waits when its time is over, though there is nothing to say', () => {
  const { handle } = asked();
  expect(handle({ kind: 'tick' }, POLL_MS - 1)).not.toContain('answer 1');
  expect(handle({ kind: 'tick' }, POLL_MS)).toContain('answer 1');
});
