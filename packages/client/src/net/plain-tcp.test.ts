import { createHash, randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { plainTcp } from './plain-tcp.ts';
import type { ByteConnection, TransportListener } from './transport.ts';

const transport = plainTcp();
/** Plain TCP knows nobody. */
const nobody = { group: '', device: '' };
const open: (ByteConnection | TransportListener)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

interface End {
  readonly connection: ByteConnection;
  readonly received: ReturnType<typeof createHash>;
  receivedBytes: number;
  readonly closed: Promise<Error | undefined>;
}

function watch(connection: ByteConnection): End {
  const closed = Promise.withResolvers<Error | undefined>();
  const end: End = { connection, received: createHash('sha1'), receivedBytes: 0, closed: closed.promise };
  connection.start({
    onData: (chunk) => {
      end.received.update(chunk);
      end.receivedBytes += chunk.length;
    },
    onClose: closed.resolve,
  });
  open.push(connection);
  return end;
}

async function pair(): Promise<{ dialed: End; accepted: End; listener: TransportListener }> {
  const accepted = Promise.withResolvers<End>();
  const listener = await transport.listen('127.0.0.1', 0, (connection) => accepted.resolve(watch(connection)));
  open.push(listener);
  const dialed = watch(await transport.dial(listener.address, nobody, new AbortController().signal));
  return { dialed, accepted: await accepted.promise, listener };
}

const sent = (connection: ByteConnection, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => connection.write(bytes, resolve));

test.each(['dialed', 'accepted'] as const)(
  'many megabytes from the %s side arrive as they were, while both sides talk',
  async (side) => {
    const { dialed, accepted } = await pair();
    const [from, to] = side === 'dialed' ? [dialed, accepted] : [accepted, dialed];
    const payload = randomBytes(20 * 1024 * 1024);
    to.connection.write(randomBytes(1024 * 1024));
    for (let at = 0; at < payload.length; at += 100_003) from.connection.write(payload.subarray(at, at + 100_003));
    await sent(from.connection, Buffer.from('end'));
    from.connection.close();
    await to.closed;
    expect(to.receivedBytes).toBe(payload.length + 3);
    expect(to.received.digest('hex')).toBe(createHash('sha1').update(payload).update('end').digest('hex'));
  },
);

test('both sides know where the other is', async () => {
  const { dialed, accepted, listener } = await pair();
  expect(dialed.connection.remote).toEqual(listener.address);
  expect(accepted.connection.remote.host).toBe('127.0.0.1');
  expect(dialed.connection.member).toBeUndefined();
});

test('an IPv4 peer on a listener for both families shows as what it is', async () => {
  const accepted = Promise.withResolvers<End>();
  const listener = await transport.listen('::', 0, (connection) => accepted.resolve(watch(connection)));
  open.push(listener);
  const address = { host: '127.0.0.1', port: listener.address.port };
  watch(await transport.dial(address, nobody, new AbortController().signal));
  expect((await accepted.promise).connection.remote.host).toBe('127.0.0.1');
});

test.each(['dialed', 'accepted'] as const)('the %s side hears that the other closed', async (side) => {
  const { dialed, accepted } = await pair();
  const [leaves, stays] = side === 'dialed' ? [accepted, dialed] : [dialed, accepted];
  leaves.connection.close();
  await Promise.all([stays.closed, leaves.closed]);
});

test('a broken connection gives every buffer back', async () => {
  const { dialed, accepted } = await pair();
  const big = Buffer.alloc(64 * 1024 * 1024);
  const pending = [sent(dialed.connection, big), sent(dialed.connection, big)];
  expect(dialed.connection.queuedBytes).toBeGreaterThan(64 * 1024 * 1024);
  accepted.connection.close();
  await Promise.all(pending);
  await dialed.closed;
  await sent(dialed.connection, big);
});

test('the listener ends while accepted connections live on', async () => {
  const { dialed, accepted, listener } = await pair();
  await listener.close();
  await sent(dialed.connection, Buffer.from('still here'));
  dialed.connection.close();
  await accepted.closed;
  expect(accepted.receivedBytes).toBe(10);
});

test('nobody there, a port that is taken, a dial that is given up', async () => {
  const { listener } = await pair();
  const { host, port } = listener.address;
  await expect(transport.listen(host, port, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await listener.close();
  await expect(transport.dial({ host, port }, nobody, new AbortController().signal)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  const given = new AbortController();
  const dialing = transport.dial({ host: '127.0.0.1', port: 9 }, nobody, given.signal);
  given.abort(new Error('given up'));
  await expect(dialing).rejects.toThrow('given up');
});
