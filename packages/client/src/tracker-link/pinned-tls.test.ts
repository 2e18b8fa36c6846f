import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { encodeHandOvers } from '@peerage/contract';
import { afterEach, expect, it } from 'vitest';
import { PinnedTls } from './pinned-tls.ts';
import { certificateOf, handOver, newKey, pinOf } from './test-bed/tracker-keys.ts';

/** A tracker's port that shows one key, and what came over it. */
class Port {
  readonly server: Server;
  readonly heard: string[] = [];
  readonly #sockets = new Set<TLSSocket>();

  private constructor(key: KeyObject, cert: string) {
    this.server = createServer({ key: key.export({ type: 'pkcs8', format: 'pem' }), cert, minVersion: 'TLSv1.3' });
    this.server.on('secureConnection', (socket) => {
      this.#sockets.add(socket.on('error', () => undefined));
      socket.on('data', (chunk) => this.heard.push(chunk.toString()));
    });
  }

  static async open(key: KeyObject, values: Uint8Array<ArrayBuffer>[] = []): Promise<Port> {
    const port = new Port(key, (await certificateOf(key, ...values)).pem);
    await once(port.server.listen(0, '127.0.0.1'), 'listening');
    open.push(port);
    return port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }
}

const open: Port[] = [];
afterEach(async () => {
  for (const port of open.splice(0)) await port.close();
});

/** A client's way to that port, and what it remembers of it. */
function wayTo(port: Port, remembered: KeyObject | undefined, pin: KeyObject | null = null, vouched?: KeyObject) {
  const known = { pin: remembered && pinOf(remembered), met: [] as string[] };
  const keys = {
    find: () => known.pin,
    remember: (_: string, shown: string) => {
      known.pin ??= shown;
    },
    replace: (_: string, from: string, to: string) => {
      if (known.pin === from) known.pin = to;
    },
  };
  const host = '127.0.0.1';
  const at = { host, port: (port.server.address() as AddressInfo).port, address: 'tracker' };
  const tls = new PinnedTls({ ...at, pin: pin && pinOf(pin) }, keys, {
    vouched: async () => vouched && pinOf(vouched),
    met: (shown) => known.met.push(shown),
  });
  return { tls, known };
}

const [first, second, mallory] = [newKey(), newKey(), newKey()];
const changed = { code: 'tracker_key_changed', message: expect.stringContaining(pinOf(mallory)) };

it('remembers the key that it meets first, by a connection that says nothing, and expects it from then on', async () => {
  const port = await Port.open(first);
  const { tls, known } = wayTo(port, undefined);
  const { socket, pin } = await tls.connect();
  expect([pin, known.pin, known.met]).toEqual([pinOf(first), pinOf(first), [pinOf(first)]]);
  socket.end('hello');
  await expect.poll(() => port.heard.join('')).toBe('hello');
  (await tls.connect()).socket.destroy();
  expect(known.met).toHaveLength(1);
});

it('says nothing to who shows another key than the remembered one, or than the one of the file, which wins', async () => {
  const port = await Port.open(mallory);
  await expect(wayTo(port, first).tls.connect()).rejects.toMatchObject(changed);
  await expect(wayTo(port, undefined, first).tls.connect()).rejects.toMatchObject(changed);
  await expect(wayTo(port, mallory, first).tls.connect()).rejects.toMatchObject(changed);
  (await wayTo(port, first, mallory).tls.connect()).socket.destroy();
  expect(port.heard).toEqual([]);
});

it("expects the key that another tracker vouches for where none is known, and meets nobody; a known key and the file's pin win", async () => {
  const [port, other] = [await Port.open(first), await Port.open(mallory)];
  const { tls, known } = wayTo(port, undefined, null, first);
  (await tls.connect()).socket.destroy();
  expect([known.pin, known.met]).toEqual([pinOf(first), []]);
  const lured = wayTo(other, undefined, null, first);
  await expect(lured.tls.connect()).rejects.toMatchObject(changed);
  expect([lured.known.pin, other.heard]).toEqual([pinOf(first), []]);
  for (const way of [wayTo(port, first, null, mallory), wayTo(port, undefined, first, mallory)]) {
    (await way.tls.connect()).socket.destroy();
  }
  await expect(wayTo(other, first, null, mallory).tls.connect()).rejects.toMatchObject(changed);
});

it('follows a hand-over of the key it knows, and remembers where it led; it follows no other', async () => {
  const port = await Port.open(second, [encodeHandOvers([handOver(first, second, Date.now())])]);
  const { tls, known } = wayTo(port, first);
  (await tls.connect()).socket.destroy();
  expect([known.pin, known.met]).toEqual([pinOf(second), []]);
  const pinned = wayTo(port, undefined, first);
  (await pinned.tls.connect()).socket.destroy();
  expect(pinned.known.pin).toBeUndefined();
  const forged = await Port.open(mallory, [encodeHandOvers([handOver(first, mallory, Date.now(), mallory)])]);
  const lured = wayTo(forged, first);
  await expect(lured.tls.connect()).rejects.toMatchObject(changed);
  expect([lured.known.pin, forged.heard]).toEqual([pinOf(first), []]);
});

it('who is not there is unreachable', async () => {
  const port = await Port.open(first);
  const { tls } = wayTo(port, first);
  await port.close();
  await expect(tls.connect()).rejects.toMatchObject({ code: 'tracker_unreachable' });
  open.length = 0;
});
