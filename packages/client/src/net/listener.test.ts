import { expect, test } from 'vitest';
import { Listener } from './listener.ts';
import type { ByteConnection, Transport } from './transport.ts';

/** A listener whose connections the test makes. */
async function listener() {
  let arrive: (connection: ByteConnection) => void = () => {};
  const transport: Transport = {
    listen: async (host, port, onConnection) => {
      arrive = onConnection;
      return { address: { host, port }, close: async () => {} };
    },
    reaches: () => true,
    dial: () => Promise.reject(new Error('nobody is dialed here')),
  };
  const pending: (() => void)[] = [];
  const onConnection = (_bytes: ByteConnection, settled: () => void) => pending.push(settled);
  await Listener.open({ transport, host: '192.0.2.1', port: 1, onConnection });
  /** False where it was closed at once. */
  const from = (host: string): boolean => {
    let closed = false;
    const close = () => {
      closed = true;
    };
    const nothing = () => {};
    const remote = { host, port: 1 };
    arrive({
      remote,
      member: undefined,
      endsAtMs: Number.POSITIVE_INFINITY,
      renewAtMs: Number.POSITIVE_INFINITY,
      queuedBytes: 0,
      start: nothing,
      write: nothing,
      pause: nothing,
      resume: nothing,
      close,
    });
    return !closed;
  };
  return { from, pending };
}

test('16 pending handshakes an address, and one more for each that is settled, once', async () => {
  const { from, pending } = await listener();
  for (let count = 0; count < 16; count++) expect(from('192.0.2.7')).toBe(true);
  expect(from('192.0.2.7')).toBe(false);
  expect(from('192.0.2.8')).toBe(true);
  pending[0]!();
  pending[0]!();
  expect(from('192.0.2.7')).toBe(true);
  expect(from('192.0.2.7')).toBe(false);
});

test('128 in all', async () => {
  const { from, pending } = await listener();
  for (let count = 0; count < 128; count++) expect(from(`192.0.2.${count}`)).toBe(true);
  expect(from('192.0.2.200')).toBe(false);
  pending[5]!();
  expect(from('192.0.2.200')).toBe(true);
});

test('the addresses of one IPv6 network count as one', async () => {
  const { from } = await listener();
  for (let count = 0; count < 16; count++) expect(from(`2001:db8:1:2::${count}`)).toBe(true);
  expect(from('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(false);
  expect(from('2001:db8:1:3::1')).toBe(true);
  expect(from('::1')).toBe(true);
});
