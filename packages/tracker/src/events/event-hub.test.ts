import { describe, expect, it } from 'vitest';
import { EventHub, type EventSink } from './event-hub.ts';

class Reader implements EventSink {
  waitingBytes = 0;
  ended = false;
  isCut = false;
  text = '';

  write(text: string): void {
    this.text += text;
  }

  end(): void {
    this.ended = true;
  }

  cut(): void {
    this.isCut = true;
  }

  /** What came after the revocations, which every stream begins with. */
  get events(): string[] {
    const [first, ...events] = [...this.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!).type);
    expect(first).toBe('revocations');
    return events;
  }

  get lastId(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
  }
}

const files = { type: 'files_changed', group: 'g' } as const;
const peers = { type: 'peers_changed', group: 'g', infoHash: 'h' } as const;

function start() {
  const state = { nowMs: 0 };
  const hub = new EventHub(() => state.nowMs);
  const open = (device: string, lastId?: string) => {
    const reader = new Reader();
    hub.open(`user of ${device}`, device, lastId, reader, [{ type: 'revocations', revoked: [] }]);
    return reader;
  };
  return { hub, state, open };
}

describe('event streams', () => {
  it('get what is for their device or user, numbered', () => {
    const { hub, open } = start();
    const [a, b] = [open('a'), open('b')];
    hub.toDevice('a', peers);
    hub.toUsers(new Set(['user of a', 'user of b']), files);
    hub.toDevice('nobody', peers);
    expect(a.events).toEqual(['peers_changed', 'files_changed']);
    expect(b.events).toEqual(['files_changed']);
    expect(a.text).toMatch(
      /^: connected\n\ndata: \{"type":"revocations","revoked":\[\]\}\n\nid: \w+\.1\ndata: \{"type":"peers_changed","group":"g","infoHash":"h"\}\n\n/,
    );
    hub.beat();
    expect(b.text.endsWith(': beat 1000\n\n')).toBe(true);
  });

  it('hear beats every round, many streams more seldom, and never later than they were told', () => {
    const { hub, open } = start();
    const beats = (reader: Reader) => [...reader.text.matchAll(/: beat (\d+)/g)].map(([, ms]) => Number(ms));
    const first = open('first');
    for (let round = 0; round < 3; round++) hub.beat();
    expect(beats(first)).toEqual([1_000, 1_000, 1_000]);
    for (let more = 0; more < 7_000; more++) open(`more ${more}`);
    let [heard, sinceMs, toldMs] = [3, 0, 1_000];
    for (let round = 0; round < 60; round++) {
      hub.beat();
      sinceMs += 1_000;
      if (beats(first).length === heard) continue;
      expect(sinceMs).toBeLessThanOrEqual(toldMs + 1_000);
      [heard, sinceMs, toldMs] = [beats(first).length, 0, beats(first).at(-1)!];
    }
    expect(toldMs).toBe(5_000);
  });

  it('go on after the last event that arrived', () => {
    const { hub, open } = start();
    const first = open('a');
    hub.toDevice('a', peers);
    const { lastId } = first;
    hub.toDevice('a', files);
    expect(hub.closed('a', first)).toBe(true);
    hub.toDevice('a', peers);
    expect(open('a', lastId).events).toEqual(['files_changed', 'peers_changed']);
    expect(open('a').events).toEqual([]);
  });

  it.each(['nonsense', '.', '1', 'ffffffff.1', 'x.-1', ''])(
    'resync after an id that is none of this run: %j',
    (lastId) => {
      const { hub, open } = start();
      hub.closed('a', open('a'));
      hub.toDevice('a', peers);
      expect(open('a', lastId).events).toEqual(['resync']);
    },
  );

  it('resync when more was missed than is kept, or nobody came back for 90 s', () => {
    const { hub, state, open } = start();
    const first = open('a');
    hub.toDevice('a', peers);
    hub.closed('a', first);
    for (let n = 0; n < 257; n++) hub.toDevice('a', peers);
    expect(open('a', first.lastId).events).toEqual(['resync']);
    const second = open('b');
    hub.toDevice('b', peers);
    hub.closed('b', second);
    state.nowMs = 90_000;
    hub.beat();
    hub.toDevice('b', peers);
    expect(open('b', second.lastId).events).toEqual(['resync']);
  });

  it('are one for a device: a second one ends the first, whose closing then means nothing', () => {
    const { hub, open } = start();
    const first = open('a');
    const second = open('a');
    expect([first.ended, second.ended]).toEqual([true, false]);
    expect(hub.closed('a', first)).toBe(false);
    expect(hub.openStreams).toBe(1);
  });

  it('end with the session, and say why', () => {
    const { hub, open } = start();
    const [a, b] = [open('a'), open('b')];
    hub.end('a', 'the device was revoked');
    expect(a.events).toEqual(['session_ended']);
    expect(a.ended).toBe(true);
    hub.close();
    expect(b.ended).toBe(true);
    expect(hub.openStreams).toBe(0);
  });

  it('of a reader that does not read are cut instead of filling the memory', () => {
    const { hub, open } = start();
    const slow = open('a');
    slow.waitingBytes = 2 * 1024 * 1024;
    hub.toDevice('a', peers);
    expect(slow.isCut).toBe(true);
  });
});
