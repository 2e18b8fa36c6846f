import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keygen } from '../../packages/tracker/src/index.ts';
import { TcpProxy } from '../../test/support/tcp-proxy.ts';
import { ClientProcess } from '../drive/client-process.ts';
import { freePort } from '../drive/free-port.ts';
import { TrackerProcess } from '../drive/tracker-process.ts';

const NUMBERS = [1, 2] as const;
type Number12 = (typeof NUMBERS)[number];
const other = (number: Number12): Number12 => (number === 1 ? 2 : 1);

/**
 * Two trackers that reach each other through one proxy each, and clients in two halves that reach each tracker through one proxy for each half: all ways can be cut and slowed down.
 * The second half names tracker 2 first, so that both trackers serve.
 */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-chaos-'));
  readonly clients: ClientProcess[] = [];
  readonly trackers: TrackerProcess[] = [];
  readonly ports: number[] = [];
  /** To tracker 1 and 2: for each half of the clients, and for the other tracker. */
  readonly ways: { readonly clients: readonly [TcpProxy, TcpProxy]; readonly tracker: TcpProxy }[] = [];

  static async open(clients: number): Promise<House> {
    const house = new House();
    for (const _ of NUMBERS) {
      const port = await freePort();
      house.ports.push(port);
      const clients = [await TcpProxy.start(port), await TcpProxy.start(port)] as const;
      house.ways.push({ clients, tracker: await TcpProxy.start(port) });
    }
    keygen(house.#path('secret.json'), 'new');
    for (const number of NUMBERS) {
      const lines = NUMBERS.map((each) =>
        each === number ? `127.0.0.1:${house.ports[each - 1]}` : house.ways[each - 1]!.tracker.address,
      );
      writeFileSync(house.#path(`tracker-${number}.txt`), `${lines.join('\n')}\n`);
      const seen = [number, other(number)].map((each) => house.ways[each - 1]!.clients[number - 1]!.address);
      writeFileSync(house.#path(`clients-${number}.txt`), `${seen.join('\n')}\n`);
      await house.startTracker(number);
    }
    for (let index = 0; index < clients; index++) {
      mkdirSync(house.#path(`files-${index}`));
      const info = house.#path(`clients-${1 + (index % 2)}.txt`);
      house.clients.push(await ClientProcess.start(info, house.#path(`home-${index}`)));
    }
    return house;
  }

  async startTracker(number: number): Promise<void> {
    this.trackers[number - 1] = await TrackerProcess.start(
      this.#path(`tracker-${number}.txt`),
      number,
      this.dataOf(number),
      {},
      ['--secret', this.#path('secret.json')],
    );
  }

  dataOf(number: number): string {
    return this.#path(`data-${number}`);
  }

  filesOf(client: number): string {
    return this.#path(`files-${client}`);
  }

  /** Everything of both trackers is on both. Throws after a minute. */
  async settled(): Promise<void> {
    const until = performance.now() + 60_000;
    for (;;) {
      const seen = await Promise.all(this.clients.slice(0, 2).map((client) => client.do('trackers')));
      const isEqual = seen.every(({ trackers }) =>
        trackers.every(({ reachable, lag_ms }) => reachable && (lag_ms === 0 || lag_ms === null)),
      );
      if (isEqual) return;
      if (performance.now() > until) throw new Error(`the trackers do not become equal: ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async stopClients(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()));
  }

  async stopTrackers(): Promise<void> {
    await Promise.all(this.trackers.map((tracker) => tracker.stop()));
  }

  async close(keepsFolder: boolean): Promise<void> {
    await this.stopClients();
    await this.stopTrackers();
    await Promise.all(this.ways.flatMap((way) => [...way.clients, way.tracker].map((one) => one.close())));
    if (!keepsFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}
