import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Announced {
  readonly host: string;
  readonly port: number;
  readonly isSeeder: boolean;
}

const INTERVAL_S = 2;

/** An HTTP tracker of BitTorrent (BEP 3, compact peers by BEP 23) for stock clients in tests and benchmarks: one swarm, nothing kept, IPv4. */
export class AnnounceServer {
  readonly url: string;
  readonly #server: Server;
  readonly #peers = new Map<string, Announced>();
  readonly #watchers = new Set<() => void>();

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.url = `http://${host}:${(server.address() as AddressInfo).port}/announce`;
    server.on('request', (request, response) => {
      const query = (request.url ?? '').split('?')[1] ?? '';
      response.end(this.#announce(query, request.socket.remoteAddress ?? '127.0.0.1'));
    });
  }

  static async start(host = '127.0.0.1'): Promise<AnnounceServer> {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    return new AnnounceServer(server, host);
  }

  /** Tells the swarm of a peer that does not announce itself. */
  add(host: string, port: number): void {
    this.#peers.set(`${host}:${port}`, { host, port, isSeeder: true });
  }

  /** Forgets everybody. */
  clear(): void {
    this.#peers.clear();
  }

  /** Resolves when that many have announced themselves complete. */
  async seeders(count: number): Promise<void> {
    while ([...this.#peers.values()].filter(({ isSeeder }) => isSeeder).length < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #announce(query: string, from: string): Buffer {
    // The info-hash and peer id are bytes, not text: the few fields needed are plain, so the query is read by hand.
    const fields = new Map(query.split('&').map((pair) => pair.split('=', 2) as [string, string]));
    const port = Number(fields.get('port'));
    const key = `${from}:${port}`;
    if (fields.get('event') === 'stopped') this.#peers.delete(key);
    else this.#peers.set(key, { host: from, port, isSeeder: fields.get('left') === '0' });
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
    const others = [...this.#peers].filter(([other]) => other !== key).map(([, peer]) => compact(peer));
    const peers = Buffer.concat(others);
    const head = `d8:intervali${INTERVAL_S}e12:min intervali${INTERVAL_S}e5:peers${peers.length}:`;
    return Buffer.concat([Buffer.from(head), peers, Buffer.from('e')]);
  }
}

function compact({ host, port }: Announced): Buffer {
  return Buffer.from([...host.split('.').map(Number), port >> 8, port & 0xff]);
}
