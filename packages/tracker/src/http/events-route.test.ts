import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrackerEvent, trackerRoutes } from '@peerage/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTracker, type Tracker } from '../app.ts';
import { httpSend, trackerAgent } from '../testing/http-send.ts';
import { testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

/** Server-sent events over real sockets, with the writer in its thread. */

const folder = mkdtempSync(join(tmpdir(), 'peerage-events-'));
const agent = trackerAgent();
const unpinned = { agent: false, rejectUnauthorized: false } as const;
let tracker: Tracker;

beforeAll(async () => {
  tracker = await createTracker({ dataDir: folder, host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  agent.destroy();
  await tracker.close();
  rmSync(folder, { recursive: true });
});

class Stream {
  readonly incoming: IncomingMessage;
  #text = '';
  lastId = '';
  readonly ended: Promise<unknown>;

  private constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
    this.ended = once(incoming, 'end');
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => {
      this.#text += text;
    });
  }

  static async open(device: TestDevice, lastId?: string): Promise<Stream> {
    const headers = {
      authorization: `Bearer ${device.token}`,
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    };
    const asked = request({
      host: '127.0.0.1',
      port: tracker.address.port,
      path: trackerRoutes.events.path,
      headers,
      ...unpinned,
    });
    asked.end();
    const [incoming] = (await once(asked, 'response')) as [IncomingMessage];
    const stream = new Stream(incoming);
    while (!stream.#text.includes(': connected\n\n')) await once(incoming, 'data');
    return stream;
  }

  /** The next event of that type; those before it are dropped. */
  async next<T extends TrackerEvent['type']>(type: T): Promise<TrackerEvent & { type: T }> {
    for (;;) {
      const event = await this.#nextOfAny();
      if (event.type === type) return event as TrackerEvent & { type: T };
    }
  }

  /** The next events of these types, in whatever order they come. */
  async nextOfEach(...types: TrackerEvent['type'][]): Promise<TrackerEvent[]> {
    const found = new Map<string, TrackerEvent>();
    while (!types.every((type) => found.has(type))) {
      const event = await this.#nextOfAny();
      if (!found.has(event.type)) found.set(event.type, event);
    }
    return types.map((type) => found.get(type)!);
  }

  async #nextOfAny(): Promise<TrackerEvent> {
    for (;;) {
      const block = /^(?:(?:id: (.*)\n)?data: (.*)|: .*)\n\n/m.exec(this.#text);
      if (!block) {
        await once(this.incoming, 'data');
        continue;
      }
      this.#text = this.#text.slice(block.index + block[0].length);
      if (block[2] === undefined) continue;
      if (block[1] !== undefined) this.lastId = block[1];
      return TrackerEvent.parse(JSON.parse(block[2]));
    }
  }

  close(): void {
    this.incoming.destroy();
  }
}

const person = async (name: string): Promise<TestDevice> => {
  const device = new TestDevice(httpSend(tracker.address.port, agent));
  await device.createUser(name);
  await device.login(name);
  return device;
};

describe('the event stream', () => {
  it('tells owners of requests, users of their standing, members of files, and peers of each other', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const group = await alice.createGroup('team');
    const [toAlice, toBob] = [await Stream.open(alice), await Stream.open(bob)];
    expect(toAlice.incoming.headers['content-type']).toBe('text/event-stream');
    await bob.join(group);
    expect(await toAlice.next('join_requested')).toMatchObject({ group, groupName: 'team', user: 'bob' });
    expect(await toBob.next('standing_changed')).toMatchObject({ group, groupName: 'team', standing: 'pending' });
    const what = async (stream: Stream) => {
      const { what, user, file } = await stream.next('group_activity');
      return [user, what, ...(file === undefined ? [] : [file])];
    };
    await alice.decide(group, 'bob', 'accept');
    expect(await what(toAlice)).toEqual(['bob', 'joined']);
    expect(await toBob.next('standing_changed')).toMatchObject({ standing: 'member' });
    const infoHash = await alice.share(group, testMetainfo(group, 'a.bin'));
    expect(await toBob.next('files_changed')).toEqual({ type: 'files_changed', group });
    await bob.beat(5002, [{ group, infoHash }]);
    await toBob.next('peers_changed');
    await alice.beat(5001);
    expect(await toBob.next('peers_changed')).toEqual({ type: 'peers_changed', group, infoHash });
    await alice.call('leaveGroup', { params: { group }, body: { commandId: newCommandId() } });
    const [standing] = await toBob.nextOfEach('standing_changed', 'peers_changed');
    expect(standing).toMatchObject({ standing: 'owner' });
    toAlice.close();
    toBob.close();
  });

  it('begins with all revocations and tells new ones to everybody within 2 s', async () => {
    const [gina, hugo] = [await person('gina'), await person('hugo')];
    const toGina = await Stream.open(gina);
    const before = (await toGina.next('revocations')).revoked;
    const startMs = performance.now();
    await hugo.call('logout', { body: { commandId: newCommandId() } });
    const { revoked } = await toGina.next('revocations');
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(revoked).toMatchObject([{ kind: 'login', id: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
    const again = await Stream.open(gina, toGina.lastId);
    expect((await again.next('revocations')).revoked).toEqual([...before, ...revoked]);
    toGina.close();
    again.close();
  });

  it('goes on where it was cut, and says when it can not', async () => {
    const [carol, dave] = [await person('carol'), await person('dave')];
    const group = await carol.createGroup('crew');
    const first = await Stream.open(carol);
    await dave.join(group);
    await first.next('join_requested');
    first.close();
    await once(first.incoming, 'close');
    await carol.decide(group, 'dave', 'accept');
    await carol.share(group, testMetainfo(group, 'a.bin'));
    const second = await Stream.open(carol, first.lastId);
    await second.next('files_changed');
    second.close();
    const third = await Stream.open(carol, 'ffffffff.1');
    await third.next('resync');
    third.close();
  });

  it('beats, also when nothing happens', async () => {
    const erin = await person('erin');
    const stream = await Stream.open(erin);
    let text = '';
    stream.incoming.on('data', (chunk: string) => {
      text += chunk;
    });
    while (!/: beat \d+\n\n/.test(text)) await once(stream.incoming, 'data');
    stream.close();
  }, 10_000);

  it('says once that everything changed where a heartbeat changes thousands of shares', async () => {
    const grace = await person('grace');
    const group = await grace.createGroup('hoard');
    const stream = await Stream.open(grace);
    const downloading = Array.from({ length: 10_000 }, () => ({ group, infoHash: randomBytes(20).toString('hex') }));
    await grace.beat(5003, downloading);
    await stream.next('resync');
    await grace.join(await (await person('heidi')).createGroup('other')); // and it goes on
    expect(await stream.next('standing_changed')).toMatchObject({ groupName: 'other' });
    stream.close();
  });

  it('ends with the session, and says why; without one it is refused', async () => {
    const fred = await person('fred');
    const stream = await Stream.open(fred);
    const laptop = new TestDevice(httpSend(tracker.address.port, agent));
    await laptop.login('fred');
    await laptop.call('changePassword', { body: { commandId: newCommandId(), current: 'secret', next: 'other' } });
    expect(await stream.next('session_ended')).toMatchObject({ reason: 'the password was changed' });
    await stream.ended;
    const refused = request({
      host: '127.0.0.1',
      port: tracker.address.port,
      path: trackerRoutes.events.path,
      ...unpinned,
    });
    refused.end();
    const [answer] = (await once(refused, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(401);
    answer.resume();
  });
});
