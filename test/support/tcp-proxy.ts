import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What went through one connection, in order. */
export interface Recorded {
  readonly toTarget: Buffer[];
  readonly fromTarget: Buffer[];
}

interface ProxyOptions {
  /** For each direction, over all connections; unlimited if left out. See `slow`. */
  readonly bytesPerSecond?: number;
  /** Keeps everything that goes through, in `recorded`. */
  readonly records?: boolean;
}

type Pace = (bytes: number) => number;

/** A port of loopback in front of another one. It forwards, slows down, records, or swallows. */
export class TcpProxy {
  readonly recorded: Recorded[] = [];
  readonly #target: { readonly host: string; readonly port: number };
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #paces: { readonly toTarget: Pace; readonly fromTarget: Pace };
  #swallows = false;
  #swallowedBytes = 0;
  #connections = 0;

  private constructor(target: { host: string; port: number }, options: ProxyOptions, server: Server) {
    this.#target = target;
    this.#options = options;
    this.#server = server;
    this.#paces = { toTarget: paceAt(options.bytesPerSecond), fromTarget: paceAt(options.bytesPerSecond) };
  }

  static async start(port: number, options: ProxyOptions = {}): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy({ host: '127.0.0.1', port }, options, server);
    server.on('connection', (socket) => proxy.#forward(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many were made through it. */
  get connections(): number {
    return this.#connections;
  }

  /** Of both directions. */
  get swallowedBytes(): number {
    return this.#swallowedBytes;
  }

  /** A black hole: connections stay open and are taken, and nothing comes through, either way, from now on (true) or until now (false). */
  swallow(swallows: boolean): void {
    this.#swallows = swallows;
    // What was swallowed is missing in the middle of these: they are of no use any more.
    if (!swallows) for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on so fast in each direction; unlimited if left out. */
  slow(bytesPerSecond?: number): void {
    this.#paces = { toTarget: paceAt(bytesPerSecond), fromTarget: paceAt(bytesPerSecond) };
  }

  async close(): Promise<void> {
    for (const timer of this.#pauses) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward(near: Socket): void {
    this.#connections++;
    const far = connect(this.#target);
    const recorded: Recorded = { toTarget: [], fromTarget: [] };
    if (this.#options.records) this.recorded.push(recorded);
    this.#carry(near, far, recorded.toTarget, (bytes) => this.#paces.toTarget(bytes));
    this.#carry(far, near, recorded.fromTarget, (bytes) => this.#paces.fromTarget(bytes));
  }

  #carry(from: Socket, to: Socket, record: Buffer[], pace: Pace): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined); // an end is an end
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    to.on('drain', () => from.resume());
    from.on('data', (chunk: Buffer) => {
      if (this.#swallows) {
        this.#swallowedBytes += chunk.length;
        return;
      }
      if (this.#options.records) record.push(chunk);
      if (!to.write(chunk)) from.pause();
      const waitMs = pace(chunk.length);
      if (waitMs > 0) this.#rest(from, waitMs);
    });
  }

  #rest(socket: Socket, forMs: number): void {
    socket.pause();
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      socket.resume();
    }, forMs);
    this.#pauses.add(timer);
  }
}

/** How long the next read waits. */
function paceAt(bytesPerSecond: number | undefined): Pace {
  if (bytesPerSecond === undefined) return () => 0;
  let freeAtMs = 0;
  return (bytes) => {
    const nowMs = performance.now();
    freeAtMs = Math.max(nowMs, freeAtMs) + (bytes / bytesPerSecond) * 1000;
    return freeAtMs - nowMs;
  };
}
