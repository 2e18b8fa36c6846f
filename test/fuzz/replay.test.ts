import { afterAll, describe, expect, test } from 'vitest';
import { openDecoders } from './decoders/all.ts';
import { savedInputs } from './inputs.ts';

const decoders = openDecoders();
afterAll(async () => {
  for (const decoder of decoders) await decoder.close?.();
});

/** A decoder's checks throw where it does anything but give a value or its own refusal. */
describe.each(decoders.map((decoder) => [decoder.name, decoder] as const))('%s', (name, decoder) => {
  test('the corpus is what the encoders make', () => {
    // Keys, tokens and moments are of each run: the tracker's requests and the like name none.
    expect(savedInputs('corpus', name).map(({ bytes }) => Buffer.from(bytes).toString('latin1'))).toEqual(
      decoder.seeds().map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
  });

  test('takes every input of the corpus as it should', async () => {
    for (const { file, bytes } of savedInputs('corpus', name)) {
      const outcome = await decoder.check(bytes);
      expect({ file, outcome }).toEqual({ file, outcome });
    }
  });

  test('what once broke it is a value or a refusal', async () => {
    for (const { bytes } of savedInputs('crashes', name)) await decoder.check(bytes);
  });
});
