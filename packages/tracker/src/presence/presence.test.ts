import { describe, expect, it } from 'vitest';
import { end, type Put, put } from '../domain/rule.ts';
import type { DeviceFacts, ShareKey } from './online-device.ts';
import { Presence } from './presence.ts';

const share: ShareKey = { gid: 'g', infoHash: 'h' };
const other: ShareKey = { gid: 'g', infoHash: 'i' };
const LOCAL = '127.0.0.1';

function start(facts: Record<string, DeviceFacts>) {
  const state = { nowMs: 0, changed: [] as string[] };
  const presence = new Presence(
    { ttlMs: 90_000, suspectMs: 5_000 },
    () => state.nowMs,
    async (_, device) => facts[device] ?? { memberOf: [], shares: [] },
    ({ gid, infoHash }) => state.changed.push(`${gid}/${infoHash}`),
  );
  let version = 0;
  const beat = (
    device: string,
    over: { downloading?: ShareKey[]; withheld?: ShareKey[]; session?: number; version?: number; port?: number } = {},
  ) =>
    presence.heartbeat(
      `user of ${device}`,
      device,
      over.session ?? 1,
      {
        version: over.version ?? ++version,
        addresses: [{ host: LOCAL, port: over.port ?? 5000 }],
        downloading: over.downloading ?? [],
        withheld: over.withheld ?? [],
      },
      LOCAL,
    );
  const takeChanged = () => state.changed.splice(0).sort();
  const roles = () => presence.peersOf(share, '', LOCAL).map((peer) => [peer.device, peer.role]);
  return { presence, state, beat, takeChanged, roles };
}

const membership = (state: 'member' | 'removed'): Put =>
  put('membership', 'g/user of b', {
    state,
    application: 1,
    applicationId: '',
    since: 1,
    decidedBy: null,
    refusals: 0,
  });

describe('roles', () => {
  it('follow intents, withheld sources, downloads and memberships', async () => {
    const { presence, beat, roles, takeChanged } = start({
      a: { memberOf: ['g'], shares: [share, other] },
      b: { memberOf: ['g'], shares: [] },
    });
    await beat('a');
    expect(takeChanged()).toEqual(['g/h', 'g/i']);
    await beat('b', { downloading: [share] });
    expect(takeChanged()).toEqual(['g/h']);
    expect(roles()).toEqual([
      ['a', 'seeder'],
      ['b', 'leecher'],
    ]);
    expect(presence.seeders(share)).toBe(1);
    await beat('a', { withheld: [share] });
    expect(takeChanged()).toEqual(['g/h']);
    expect(roles()).toEqual([['b', 'leecher']]);
    presence.apply([put('intent', 'g/h/user of b/b', { since: 1 })]);
    expect(roles()).toEqual([['b', 'seeder']]);
    presence.apply([membership('removed')]);
    expect(roles()).toEqual([]);
    await beat('b', { downloading: [share] });
    expect(roles()).toEqual([]);
    presence.apply([membership('member'), end('intent', 'g/h/user of b/b')]);
    expect(roles()).toEqual([['b', 'leecher']]);
    expect(takeChanged().length).toBeGreaterThan(0);
  });

  it('tell of a new address, and of nothing when nothing changed', async () => {
    const { beat, takeChanged } = start({ a: { memberOf: ['g'], shares: [share] } });
    await beat('a');
    takeChanged();
    await beat('a');
    expect(takeChanged()).toEqual([]);
    await beat('a', { port: 5001 });
    expect(takeChanged()).toEqual(['g/h']);
  });

  it('miss nothing that changes while facts are read', async () => {
    let answer: (facts: DeviceFacts) => void = () => undefined;
    const reading = new Promise<DeviceFacts>((resolve) => {
      answer = resolve;
    });
    const presence = new Presence(
      { ttlMs: 1, suspectMs: 1 },
      () => 0,
      () => reading,
      () => undefined,
    );
    const beat = { version: 1, addresses: [], downloading: [], withheld: [] };
    const beats = [presence.heartbeat('u', 'd', 1, beat, LOCAL), presence.heartbeat('u', 'd', 1, beat, LOCAL)];
    presence.apply([put('intent', 'g/i/u/d', { since: 1 }), end('intent', 'g/h/u/d')]);
    answer({ memberOf: ['g'], shares: [share] });
    await Promise.all(beats);
    expect(presence.seeders(share)).toBe(0);
    expect(presence.seeders(other)).toBe(1);
    expect(presence.onlineDevices).toBe(1);
  });

  it('do not come back when the device logs out while its facts are read', async () => {
    let answer: (facts: DeviceFacts) => void = () => undefined;
    const reading = new Promise<DeviceFacts>((resolve) => {
      answer = resolve;
    });
    const presence = new Presence(
      { ttlMs: 1, suspectMs: 1 },
      () => 0,
      () => reading,
      () => undefined,
    );
    const beating = presence.heartbeat(
      'u',
      'd',
      1,
      { version: 1, addresses: [], downloading: [], withheld: [] },
      LOCAL,
    );
    presence.apply([end('device_session', 'u/d')]);
    answer({ memberOf: ['g'], shares: [share] });
    await beating;
    expect(presence.isOnline('d')).toBe(false);
  });
});

describe('time', () => {
  it('takes out who is silent for 90 s', async () => {
    const { presence, state, beat, takeChanged } = start({ a: { memberOf: ['g'], shares: [share] } });
    await beat('a');
    state.nowMs = 60_000;
    await beat('a');
    takeChanged();
    state.nowMs = 149_999;
    presence.expire();
    expect([...presence.usersOnline()]).toEqual(['user of a']);
    state.nowMs = 150_000;
    presence.expire();
    expect(presence.isOnline('a')).toBe(false);
    expect(takeChanged()).toEqual(['g/h']);
    expect(presence.seeders(share)).toBe(0);
  });

  it('takes out 5 s after its stream closed who neither opens one nor beats', async () => {
    const { presence, state, beat } = start({});
    for (const device of ['a', 'b', 'c']) {
      await beat(device);
      presence.streamClosed(device);
    }
    state.nowMs = 4_000;
    presence.streamOpened('a');
    await beat('b');
    state.nowMs = 5_000;
    presence.expire();
    expect(['a', 'b', 'c'].map((device) => presence.isOnline(device))).toEqual([true, true, false]);
  });
});

describe('the order of heartbeats', () => {
  it('is by login, then version; a late one changes nothing', async () => {
    const { presence, beat, roles } = start({ a: { memberOf: ['g'], shares: [] } });
    await beat('a', { session: 2, version: 5, downloading: [share] });
    await beat('a', { session: 2, version: 4 });
    await beat('a', { session: 1, version: 9 });
    expect(roles()).toEqual([['a', 'leecher']]);
    await beat('a', { session: 3, version: 0 });
    expect(roles()).toEqual([]);
    expect(presence.onlineDevices).toBe(1);
    expect(presence.offlineForMs('user of b')).toBeUndefined();
    presence.forget('a');
    presence.forget('a');
    expect(presence.onlineDevices).toBe(0);
    expect(presence.offlineForMs('user of a')).toBe(0);
  });
});

describe('an address that only the device names', () => {
  const GLOBAL = { host: '198.51.100.7', port: 5000 };
  function startProving() {
    const asked: string[] = [];
    const answers: PromiseWithResolvers<boolean>[] = [];
    const changed: string[] = [];
    const presence = new Presence(
      { ttlMs: 90_000, suspectMs: 5_000 },
      () => 0,
      async () => ({ memberOf: ['g'], shares: [share] }),
      ({ infoHash }) => changed.push(infoHash),
      ({ device, gid }, { host }) => {
        asked.push(`${device} ${gid} ${host}`);
        const answer = Promise.withResolvers<boolean>();
        answers.push(answer);
        return answer.promise;
      },
    );
    let version = 0;
    const beat = (addresses = [GLOBAL]) =>
      presence.heartbeat('u', 'd', 1, { version: ++version, addresses, downloading: [], withheld: [] }, '203.0.113.9');
    const shown = () => presence.peersOf(share, '', '192.0.2.1').flatMap((peer) => peer.addresses.map((a) => a.host));
    return { presence, asked, answers, changed, beat, shown };
  }

  it('is told to nobody before the device answered there, and to everybody after', async () => {
    const { asked, answers, beat, shown, changed } = startProving();
    await beat();
    expect([asked, shown()]).toEqual([['d g 198.51.100.7'], ['203.0.113.9']]);
    answers[0]!.resolve(false);
    await beat();
    expect(shown()).toEqual(['203.0.113.9']);
    changed.length = 0;
    answers[1]!.resolve(true);
    await expect.poll(shown).toEqual(['198.51.100.7', '203.0.113.9']);
    expect(changed).toEqual(['h']);
    await beat();
    expect(asked.length).toBe(2);
    await beat([{ ...GLOBAL, port: 6000 }]);
    expect([asked.length, shown()]).toEqual([3, ['203.0.113.9']]);
  });

  it('that was given up, or whose device went offline meanwhile, stays untold', async () => {
    const { presence, answers, beat, shown } = startProving();
    await beat();
    await beat([]);
    answers[0]!.resolve(true);
    await beat([{ host: '198.51.100.8', port: 5000 }]);
    expect(shown()).toEqual(['203.0.113.9']);
    presence.forget('d');
    answers[1]!.resolve(true);
    await beat([]);
    expect(shown()).toEqual([]);
  });
});
