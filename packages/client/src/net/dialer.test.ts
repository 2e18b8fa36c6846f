import { parseInfoHash } from '@peerage/bittorrent';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Dialer, type PlannedEnd } from './dialer.ts';
import { Refusal } from './refusal.ts';
import type { ByteConnection, NetAddress, Transport } from './transport.ts';

const one = parseInfoHash('1'.repeat(40))!;
const two = parseInfoHash('2'.repeat(40))!;
const address = (port: number): NetAddress => ({ host: '192.0.2.1', port });
const connection: ByteConnection = {
  remote: address(1),
  member: undefined,
  endsAtMs: Number.POSITIVE_INFINITY,
  renewAtMs: Number.POSITIVE_INFINITY,
  queuedBytes: 0,
  start: () => {},
  write: () => {},
  pause: () => {},
  resume: () => {},
  close: () => {},
};

/** Who is dialed stays dialed until the test answers. */
class Network {
  readonly dialed: { port: number; signal: AbortSignal; answer: PromiseWithResolvers<ByteConnection> }[] = [];
  readonly opened: { share: string; device: string; settled: (joined: boolean) => void }[] = [];
  readonly dialer: Dialer;
  /** What every dial meets at once. */
  always: Error | undefined;

  constructor() {
    const transport: Transport = {
      listen: () => Promise.reject(new Error('nobody listens here')),
      reaches: () => true,
      dial: ({ port }, _purpose, signal) => {
        const answer = Promise.withResolvers<ByteConnection>();
        if (this.always) answer.reject(this.always);
        signal.addEventListener('abort', () => answer.reject(signal.reason));
        this.dialed.push({ port, signal, answer });
        return answer.promise;
      },
    };
    this.dialer = new Dialer({
      transport,
      nowMs: () => Date.now(),
      onDialed: (share, device, _bytes, settled) => this.opened.push({ share, device, settled }),
    });
  }

  /** Answers the latest dial. */
  async answer(outcome: ByteConnection | Error): Promise<void> {
    const { answer } = this.dialed.at(-1)!;
    if (outcome instanceof Error) answer.reject(outcome);
    else answer.resolve(outcome);
    await vi.advanceTimersByTimeAsync(0);
  }

  get ports(): number[] {
    return this.dialed.map(({ port }) => port);
  }
}

let network: Network;
beforeEach(() => {
  vi.useFakeTimers();
  network = new Network();
});
afterEach(async () => {
  network.dialer.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const target = (device: string, ...ports: number[]) => ({
  group: 'a'.repeat(32),
  device,
  addresses: ports.map(address),
  patienceMs: 0,
});
/** Both handshakes of the latest connection are done. */
function join(device: string, planned?: PlannedEnd): void {
  network.dialer.connected(one, device, planned);
  network.opened.at(-1)!.settled(true);
}

const refused = new Error('refused');

test('one attempt at a time for an address, over all shares', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1)]);
  dialer.want(two, [target('a', 1), target('b', 1)]);
  expect(network.ports).toEqual([1]);
  await network.answer(connection);
  expect(network.ports).toEqual([1]);
  join('a');
  await vi.advanceTimersByTimeAsync(0);
  expect(network.ports).toEqual([1, 1]);
});

test('an address that fails rests longer and longer, 15 s at most, and is tried sooner when it is told of anew', async () => {
  const { dialer } = network;
  const start = Date.now();
  dialer.want(one, [target('a', 1)]);
  const triedAt = [0];
  for (let failures = 0; failures < 8; failures++) {
    await network.answer(refused);
    const before = network.dialed.length;
    while (network.dialed.length === before) await vi.advanceTimersToNextTimerAsync();
    triedAt.push(Date.now() - start);
  }
  expect(triedAt.map((at, index) => at - (triedAt[index - 1] ?? 0))).toEqual([
    0, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
  ]);
  await network.answer(refused);
  const before = network.dialed.length;
  dialer.want(one, [target('a', 1)]);
  await vi.advanceTimersByTimeAsync(500);
  expect(network.dialed.length).toBe(before + 1);
});

test('an address that is told of anew while it is being tried rests no longer than that for it, once', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1)]);
  for (let failures = 0; failures < 5; failures++) {
    await network.answer(refused);
    const before = network.dialed.length;
    while (network.dialed.length === before) await vi.advanceTimersToNextTimerAsync();
  }
  // Who comes back is told of before it can be reached: this try comes too early, the next one may not come 15 s later.
  dialer.want(one, [target('a', 1)]);
  await vi.advanceTimersByTimeAsync(300);
  await network.answer(refused);
  const before = network.dialed.length;
  await vi.advanceTimersByTimeAsync(500);
  expect(network.dialed.length).toBe(before + 1);
  await network.answer(refused);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(network.dialed.length).toBe(before + 1);
});

test('several addresses of a device are tried a quarter of a second apart, until one answers', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1, 2, 3)]);
  await vi.advanceTimersByTimeAsync(260);
  expect(network.ports).toEqual([1, 2]);
  await network.answer(connection);
  join('a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.ports).toEqual([1, 2]);
});

test('a dial without an answer is given up after 5 s', async () => {
  network.dialer.want(one, [target('a', 1)]);
  await vi.advanceTimersByTimeAsync(4999);
  expect(network.dialed[0]!.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(network.dialed[0]!.signal.aborted).toBe(true);
});

test('who is patient lets the other side dial first', async () => {
  const { dialer } = network;
  dialer.want(one, [{ ...target('a', 1), patienceMs: 1000 }]);
  await vi.advanceTimersByTimeAsync(900);
  dialer.connected(one, 'a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.ports).toEqual([]);
});

test('a connection that ends is made anew, later each time it did not last, never where it is hopeless', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1)]);
  for (const restMs of [500, 1000, 2000]) {
    const before = network.dialed.length;
    await network.answer(connection);
    join('a');
    await vi.advanceTimersByTimeAsync(100);
    dialer.disconnected(one, 'a', false);
    await vi.advanceTimersByTimeAsync(restMs - 1);
    expect(network.dialed.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(network.dialed.length).toBe(before + 1);
  }
  await network.answer(connection);
  join('a');
  const before = network.dialed.length;
  dialer.disconnected(one, 'a', true);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(network.dialed.length).toBe(before);
});

test('hope ends with the first failure, and comes back with whom one has not tried yet', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1)]);
  expect(dialer.hopes(one)).toBe(true);
  await network.answer(refused);
  expect(dialer.hopes(one)).toBe(false);
  dialer.want(one, [target('a', 1), target('b', 2)]);
  expect(dialer.hopes(one)).toBe(true);
  dialer.forget(one);
  expect(dialer.hopes(one)).toBe(false);
});

describe('a connection that ends by itself', () => {
  const planned = (endsInMs: number, renewInMs: number) => ({
    endsAtMs: Date.now() + endsInMs,
    renewAtMs: Date.now() + renewInMs,
  });

  test('is replaced before: one more is made beside it, and the next one before that one ends', async () => {
    const { dialer } = network;
    dialer.want(one, [target('a', 1)]);
    await network.answer(connection);
    join('a', planned(3_600_000, 3_300_000));
    await vi.advanceTimersByTimeAsync(3_299_999);
    expect(network.ports).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(network.ports).toEqual([1, 1]);
    await network.answer(connection);
    join('a', planned(3_600_000, 3_300_000));
    await vi.advanceTimersByTimeAsync(3_299_999);
    expect(network.ports).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(network.ports).toEqual([1, 1, 1]);
  });

  test('is tried to be replaced again and again until it ends, however often an address failed before', async () => {
    const { dialer } = network;
    dialer.want(one, [target('a', 1)]);
    await network.answer(connection);
    join('a', planned(1000, 200));
    await vi.advanceTimersByTimeAsync(200);
    const tried: number[] = [];
    const start = Date.now();
    while (Date.now() - start < 750) {
      const before = network.dialed.length;
      await network.answer(refused);
      while (network.dialed.length === before) await vi.advanceTimersToNextTimerAsync();
      tried.push(Date.now() - start);
    }
    expect(tried.slice(0, 3)).toEqual([200, 350, 463]);
    expect(tried.length).toBeGreaterThan(6);
  });

  test('and was not replaced in time is made anew at once, as if it had lasted', async () => {
    const { dialer } = network;
    dialer.want(one, [target('a', 1)]);
    for (let round = 1; round < 5; round++) {
      await network.answer(connection);
      join('a', planned(2000, 1900));
      await vi.advanceTimersByTimeAsync(1850);
      dialer.disconnected(one, 'a', false);
      await vi.advanceTimersByTimeAsync(0);
      expect(network.dialed.length).toBe(round + 1);
    }
  });
});

const stranger = new Refusal('not_a_peer', 'somebody else answers');
/** Tries in the next minutes, all in vain; news of the address come every second. */
async function triesIn(minutes: number, why: Error): Promise<number> {
  network.always = why;
  for (let second = 0; second < minutes * 60; second++) {
    network.dialer.want(one, [target('a', 1)]);
    network.dialer.want(two, [target('b', 1)]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  return network.dialed.length;
}

test('where strangers answer, an address is tried three times and then rests 10 min, whatever the news, over all groups', async () => {
  expect(await triesIn(9, stranger)).toBe(3);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(network.dialed.length).toBe(6);
});

test('an address that somebody stops listing is not forgotten while it rests', async () => {
  const { dialer } = network;
  network.always = stranger;
  for (let round = 0; round < 20; round++) {
    dialer.want(one, [target('a', 1)]);
    await vi.advanceTimersByTimeAsync(2_000);
    dialer.forget(one);
  }
  expect(network.dialed.length).toBe(3);
});

test('news that come every second do not make an address that fails be tried every second', async () => {
  const tries = await triesIn(10, refused);
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThanOrEqual(10 + 20 + 600 / 15 + 8); // news at once, one every 30 s, its own rests, and the first ones
});

test('a member at the address is no stranger, and ends the count', async () => {
  const { dialer } = network;
  dialer.want(one, [target('a', 1)]);
  for (let round = 0; round < 12; round++) {
    network.always = round % 3 === 2 ? new Refusal('wrong_device', 'another member') : stranger;
    await network.answer(network.always);
    const before = network.dialed.length;
    network.always = undefined;
    while (network.dialed.length === before) await vi.advanceTimersToNextTimerAsync();
  }
  expect(network.dialed.length).toBe(13);
});
