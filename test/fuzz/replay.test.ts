import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDecoders } from './decoders/all.ts';
import { savedInputs } from './inputs.ts';
import { type LiveHouse, openLiveHouse } from './live/live-house.ts';

const decoders = openDecoders();
afterAll(async () => {
  for (const decoder of decoders) await decoder.close?.();
});

const texts = (inputs: readonly Uint8Array[]): string[] => inputs.map((bytes) => Buffer.from(bytes).toString('latin1'));

/** Checks throw where a decoder does anything but give a value that encodes to its input, or its own refusal. */
describe.each(decoders.map((decoder) => [decoder.name, decoder] as const))('%s', (name, decoder) => {
  test('the corpus is what the encoders make: npm run fuzz -- --corpus writes it anew', () => {
    expect(texts(savedInputs('corpus', name).map((saved) => saved.bytes))).toEqual(texts(decoder.seeds()));
  });

  test('the corpus is taken, and the decoder agrees with its reference', async () => {
    const outcomes = [];
    for (const { bytes } of savedInputs('corpus', name)) outcomes.push(await decoder.check(bytes));
    expect(outcomes.some((outcome) => outcome.accepted)).toBe(true);
  });

  test.each(savedInputs('crashes', name))('what broke it once does so no more: $file', async ({ bytes }) => {
    await decoder.check(bytes);
  });
});

describe('live ports', () => {
  let house: LiveHouse | undefined;
  beforeAll(async () => {
    house = await openLiveHouse();
  });
  afterAll(async () => house?.close());

  test.each(['peer-port', 'tracker-port'])(
    '%s outlives its corpus and what broke it once, and serves',
    async (name) => {
      const port = house!.ports.find((each) => each.name === name)!;
      expect(texts(savedInputs('corpus', name).map((saved) => saved.bytes))).toEqual(texts(port.seeds()));
      const outcomes = [];
      for (const kind of ['corpus', 'crashes'] as const) {
        for (const { bytes } of savedInputs(kind, name)) outcomes.push(await port.send(bytes));
      }
      expect(outcomes.some((outcome) => outcome.accepted)).toBe(true);
      expect(outcomes.some((outcome) => !outcome.accepted)).toBe(true);
      await port.serves();
    },
  );
});
