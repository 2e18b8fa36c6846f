import { encodeMessage } from '@peerage/bittorrent';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertifiedDevice } from '../support/certified-device.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { type FloodName, floods, rssMibOf, startFlood } from './floods.ts';
import { SeederHouse } from './seeder-house.ts';

/** `npm run bench -- floods` measures; here is the short form, whose bounds the machine's noise can't turn. */
const RATE = 16e6;
const WINDOW_MS = 2000;
const MOST_GROWTH_MIB = 32;
const LEAST_KEPT = 0.5;
/** A round that the machine's other work spoils is measured again; a peer that floods do keep out is kept out in each. */
const ROUNDS = 4;

let house: SeederHouse;
let honest: RawPeer;
let crooked: CertifiedDevice;
beforeAll(async () => {
  house = await SeederHouse.open({ sizeMib: 16 });
  honest = await house.peer(await house.member('honest'));
  crooked = await house.member('crooked');
  await honest.served(2000);
  honest.pace(RATE);
  await honest.served(500);
});
afterAll(() => house.close());

const rss = () => rssMibOf(house.seeder.process.pid!);

/** What the honest peer got a second meanwhile. */
async function rateDuring(step: Promise<unknown>): Promise<number> {
  const [bytes, startedAt] = [honest.bytes, performance.now()];
  await step;
  return ((honest.bytes - bytes) * 1000) / (performance.now() - startedAt);
}

const rest = () => new Promise((resolve) => setTimeout(resolve, WINDOW_MS)); // a window to measure in, not a wait for something

describe('strangers: the seeder grows by less than 32 MiB and goes on serving', () => {
  test.each(Object.keys(floods) as FloodName[])('%s', async (name) => {
    let best = 0;
    for (let round = 0; round < ROUNDS && best <= LEAST_KEPT; round++) {
      const quiet = await rateDuring(rest());
      const before = rss();
      const stop = await startFlood(name, house.served.port);
      const flooded = await rateDuring(rest());
      const growth = rss() - before;
      await stop();
      expect(growth).toBeLessThan(MOST_GROWTH_MIB);
      best = Math.max(best, flooded / quiet);
    }
    expect(best).toBeGreaterThan(LEAST_KEPT);
  });
});

describe('a member who breaks the rules of the wire is thrown out, and nobody else', () => {
  const uint32 = (value: number) =>
    Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255));
  const frame = (id: number, ...body: readonly number[]) =>
    Buffer.concat([uint32(1 + body.length * 4), Buffer.of(id), ...body.map(uint32)]);
  const lengthOnly = (length: number, id: number) => Buffer.concat([uint32(length), Buffer.of(id)]);
  const pieces = 32;
  const bitfield = (bytes: number, fill = 0) =>
    Buffer.concat([uint32(1 + bytes), Buffer.of(5), Buffer.alloc(bytes, fill)]);

  const ids = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 17, 20, 9, 200];
  const cases: [string, Buffer][] = [
    ...ids.map((id): [string, Buffer] => [`message ${id} of 4 GiB`, lengthOnly(0xffffffff, id)]),
    ...ids.map((id): [string, Buffer] => [`message ${id} of 64 KiB and more`, lengthOnly(65_538, id)]),
    ['a bitfield one byte short', bitfield(pieces / 8 - 1)],
    ['a bitfield one byte long', bitfield(pieces / 8 + 1)],
    ['have of a piece that is not there', frame(4, pieces)],
    ['a request of a piece that is not there', frame(6, pieces, 0, 16_384)],
    ['a request past the end of its piece', frame(6, 0, 512 * 1024 - 1, 16_384)],
    ['a request of nothing', frame(6, 0, 0, 0)],
    ['a request of more than 16 KiB', frame(6, 0, 0, 32_768)],
    ['a cancel of a piece that is not there', frame(8, 0xffffffff, 0, 16_384)],
    [
      'a block of a piece that is not there',
      Buffer.concat([lengthOnly(9 + 16, 7), uint32(pieces), uint32(0), Buffer.alloc(16)]),
    ],
    ['a suggested piece that is not there', frame(13, pieces)],
  ];

  /** Not let in by whoever has enough connections at this moment: again. */
  async function dial(): Promise<RawPeer> {
    for (;;) {
      const peer = await RawPeer.dial(crooked, house.served, [encodeMessage({ type: 'have_none' })]).catch(
        () => undefined,
      );
      if (peer !== undefined) return peer;
    }
  }

  test('frames that are too long, of the wrong length, or about pieces that are not there', async () => {
    const before = rss();
    for (const [what, bytes] of cases) {
      const peer = await dial();
      await peer.until(() => peer.messages.length > 0); // it was let in
      peer.write(bytes);
      await Promise.race([
        peer.closed,
        honest.served(2000).then(() => Promise.reject(new Error(`${what}: the connection goes on`))),
      ]);
      expect([what, peer.bytes]).toEqual([what, 0]);
    }
    expect(rss() - before).toBeLessThan(MOST_GROWTH_MIB);
    await honest.served(100);
  });

  test('blocks that nobody asked for are passed over and kept nowhere', async () => {
    const before = rss();
    const peer = await dial();
    const block = Buffer.concat([lengthOnly(9 + 16_384, 7), uint32(0), uint32(0), Buffer.alloc(16_384, 1)]);
    for (let sent = 0; sent < 100 && peer.isOpen; sent++) {
      for (let more = 0; more < 40; more++) peer.write(block);
      await honest.served(2);
    }
    expect(rss() - before).toBeLessThan(MOST_GROWTH_MIB);
    peer.close();
    await honest.served(100);
  });
});
