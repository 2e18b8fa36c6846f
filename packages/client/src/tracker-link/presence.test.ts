import { expect, test } from 'vitest';
import { Presence } from './presence.ts';
import type { TrackerLink } from './tracker-link.ts';

/** Presence over a link that notes each heartbeat; logged in as often as `sessions` says. */
function presenceOf() {
  const beats: number[] = [];
  const link = {
    callWith: async (_route: string, inputOf: (presenceSession: number) => { body: { version: number } }) => {
      beats.push(inputOf(7).body.version);
    },
  } as unknown as TrackerLink;
  const state = () => ({ addresses: [], downloading: [], withheld: [] });
  return { beats, presence: new Presence(link, state, (error) => expect(error).toBeUndefined()) };
}

test('a device is not announced before what it shares is ready, whatever happens until then', () => {
  const { beats, presence } = presenceOf();
  presence.changed();
  presence.start(7); // the login at a tracker, which a restart makes on its way
  presence.changed();
  expect(beats).toEqual([]);
  presence.open();
  expect(beats).toEqual([1]);
  presence.stop();
});

test('after a logout it has to be ready anew', () => {
  const { beats, presence } = presenceOf();
  presence.start(7);
  presence.open();
  presence.stop();
  presence.start(8);
  expect(beats).toEqual([1]);
  presence.stop();
});
