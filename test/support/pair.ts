import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Two trackers of one file, each a process, and clients that reach each through a proxy of its own, which can be made a black hole. */
export class Pair {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-pair-'));
  /** For trackers: where they are. For clients: where the proxies are. */
  readonly trackerInfo = { trackers: join(this.folder, 'trackers.txt'), clients: join(this.folder, 'clients.txt') };
  readonly trackers: TrackerProcess[] = [];
  readonly ways: TcpProxy[] = [];
  readonly #clients: ClientProcess[] = [];
  readonly #proxies: TcpProxy[] = [];

  static async start(): Promise<Pair> {
    const pair = new Pair();
    const ports = [await freePort(), await freePort()];
    writeFileSync(pair.trackerInfo.trackers, ports.map((port) => `127.0.0.1:${port}\n`).join(''));
    for (const port of ports) pair.ways.push(await TcpProxy.start(port));
    writeFileSync(pair.trackerInfo.clients, pair.ways.map(({ address }) => `${address}\n`).join(''));
    await Promise.all([pair.startTracker(1), pair.startTracker(2)]);
    return pair;
  }

  /** Starts it, also again after it was killed. */
  async startTracker(number: number): Promise<void> {
    const data = join(this.folder, `tracker-${number}`);
    this.trackers[number - 1] = await TrackerProcess.start(this.trackerInfo.trackers, number, data);
  }

  /** A client of a new account that is logged in. `bytesPerSecond`: how fast peers reach it. */
  async member(name: string, bytesPerSecond?: number): Promise<ClientProcess> {
    const listen = `127.0.0.1:${await freePort()}`;
    let advertise: string | undefined;
    if (bytesPerSecond !== undefined) {
      const way = await TcpProxy.start(Number(listen.split(':')[1]), { bytesPerSecond });
      this.#proxies.push(way);
      advertise = way.address;
    }
    const home = join(this.folder, `home-${name}`);
    const client = await ClientProcess.start(this.trackerInfo.clients, home, {
      listen,
      ...(advertise !== undefined && { advertise }),
    });
    this.#clients.push(client);
    await client.do('create_user', name, 'secret');
    await client.do('login', name, 'secret');
    mkdirSync(join(this.folder, name));
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()));
    await Promise.all(this.trackers.map((tracker) => tracker.stop('SIGKILL')));
    await Promise.all([...this.ways, ...this.#proxies].map((proxy) => proxy.close()));
    rmSync(this.folder, { recursive: true });
  }
}
