import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';

/** A flood that goes on until it is stopped. */
interface Flood {
  stop(): void;
}

/** Loopback's own addresses but for 127.0.0.1, of which everybody may take one. */
const strangersAddress = (number: number): string => `127.0.${Math.floor(number / 200) % 200}.${2 + (number % 200)}`;

/** Sockets that nobody minds the end of. */
class Sockets {
  readonly #open = new Set<Socket>();

  get size(): number {
    return this.#open.size;
  }

  add(socket: Socket): Socket {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    return socket;
  }

  stop(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** So many connections that never say a word, all at once; then whoever is thrown out comes again, 200 a second. From addresses of their own, or all from `localAddress`. */
function halfOpen(port: number, count: number, localAddress?: string): Flood {
  const sockets = new Sockets();
  let number = 0;
  const fill = (most: number) => {
    for (let more = 0; more < most && sockets.size < count; more++) {
      sockets.add(connect({ host: '127.0.0.1', port, localAddress: localAddress ?? strangersAddress(number++) }));
    }
  };
  fill(count);
  const timer = setInterval(() => fill(10), 50);
  return {
    stop() {
      clearInterval(timer);
      sockets.stop();
    },
  };
}

/** Full TLS handshakes of nobody, so many a second, each from another of 250 addresses. */
function anonymousHandshakes(port: number, perSecond: number): Flood {
  const sockets = new Sockets();
  let number = 0;
  const timer = setInterval(() => {
    for (let more = 0; more < perSecond / 50; more++) {
      const localAddress = strangersAddress(number++ % 250);
      const socket = connect({ host: '127.0.0.1', port, localAddress });
      sockets.add(connectTls({ socket, servername: 'x.peer', rejectUnauthorized: false }));
    }
  }, 20);
  return {
    stop() {
      clearInterval(timer);
      sockets.stop();
    },
  };
}

/** Connections that send a TLS record one byte a second; who is thrown out comes again. */
function drip(port: number, count: number): Flood {
  const sockets = new Sockets();
  const sent = new Map<Socket, number>();
  const hello = Buffer.from('160301010001', 'hex');
  let number = 0;
  const tick = () => {
    while (sockets.size < count) {
      const socket = sockets.add(connect({ host: '127.0.0.1', port, localAddress: strangersAddress(number++) }));
      sent.set(socket, 0);
      socket.on('close', () => sent.delete(socket));
    }
    for (const [socket, at] of sent) {
      socket.write(Buffer.of(hello[at] ?? 0));
      sent.set(socket, at + 1);
    }
  };
  tick();
  const timer = setInterval(tick, 1000);
  return {
    stop() {
      clearInterval(timer);
      sockets.stop();
    },
  };
}

/** The floods that strangers may make. */
export const floods = {
  'half-open connections': (port: number) => halfOpen(port, 1000),
  "half-open connections from the honest peer's address": (port: number) => halfOpen(port, 1000, '127.0.0.1'),
  'full handshakes of nobody': (port: number) => anonymousHandshakes(port, 500),
  'one byte a second': (port: number) => drip(port, 500),
} as const satisfies Readonly<Record<string, (port: number) => Flood>>;
export type FloodName = keyof typeof floods;

const entry = fileURLToPath(new URL('./flood-process.ts', import.meta.url));

/** Starts a flood in a process of its own, so that its work is not the honest peer's; resolves to what ends it. */
export async function startFlood(name: FloodName, port: number): Promise<() => Promise<void>> {
  const flooder = fork(entry, [name, String(port)]);
  await once(flooder, 'message');
  return async () => {
    const gone = once(flooder, 'exit');
    flooder.disconnect();
    await gone;
  };
}

/** Memory that a process has resident now, in MiB. */
export const rssMibOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
