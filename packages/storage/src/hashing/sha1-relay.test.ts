import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../compliance/content.ts';
import { Sha1, sha1IsCompiled } from './sha1.ts';
import { Sha1Relay } from './sha1-relay.ts';

const BLOCK_BYTES = 64;

describe.runIf(sha1IsCompiled)('a SHA-1 that goes from hand to hand', () => {
  test('is that of all the bytes, however they were dealt', () => {
    const turns = fc.array(
      fc.nat({ max: 5 }).map((blocks) => blocks * BLOCK_BYTES),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(turns, fc.nat({ max: 200 }), (lengths, lastBytes) => {
        const content = contentOf(lengths.reduce((sum, bytes) => sum + bytes, 0) + lastBytes);
        const relay = new Sha1Relay();
        const hands = [relay, new Sha1Relay(relay.memory)];
        let done = 0;
        for (const [turn, bytes] of lengths.entries()) {
          const sha1 = hands[turn % 2]!.take(turn, done)!;
          sha1.update(content.subarray(done, done + bytes));
          hands[turn % 2]!.give(turn + 1, sha1);
          done += bytes;
        }
        const last = hands[lengths.length % 2]!.take(lengths.length, done)!;
        last.update(content.subarray(done));
        expect(Buffer.from(last.digest())).toEqual(createHash('sha1').update(content).digest());
      }),
    );
  });

  test('ends for all who wait', () => {
    const relay = new Sha1Relay();
    relay.end();
    expect(new Sha1Relay(relay.memory).take(3, 0)).toBeUndefined();
  });

  test('is handed over after whole blocks only', () => {
    const sha1 = new Sha1();
    sha1.update(contentOf(BLOCK_BYTES + 1));
    expect(() => new Sha1Relay().give(1, sha1)).toThrow('go on nowhere else');
    expect(() => new Sha1(null).state).toThrow('go on nowhere else');
  });
});
