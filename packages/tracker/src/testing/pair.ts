import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Agent } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTracker, type Tracker } from '../app.ts';
import type { TrackerOptions } from '../options.ts';
import type { Cluster } from '../replication/cluster.ts';
import { httpSend, trackerAgent } from './http-send.ts';
import { TestDevice } from './test-device.ts';

/** Some trackers of one file in this process, over real sockets, each with a folder of its own. */
export class TrackerSet {
  readonly #folder = mkdtempSync(join(tmpdir(), 'peerage-trackers-'));
  readonly #agents: Agent[] = [];
  readonly #running = new Map<number, Tracker>();
  readonly secret = { id: randomBytes(8).toString('hex'), key: randomBytes(32) };
  readonly ports: readonly number[];

  private constructor(ports: readonly number[]) {
    this.ports = ports;
  }

  static async of(count: number): Promise<TrackerSet> {
    return new TrackerSet(await freePorts(count));
  }

  /** What tracker `number` is told; `listed`: how many lines its file has. */
  cluster(number: number, listed = this.ports.length): Cluster {
    const trackers = this.ports.slice(0, listed).map((port) => ({ host: '127.0.0.1', port }));
    return { number, trackers, secrets: [this.secret] };
  }

  dataDir(number: number): string {
    return join(this.#folder, String(number));
  }

  async start(number: number, options: Partial<TrackerOptions> = {}): Promise<Tracker> {
    const tracker = await createTracker({
      dataDir: this.dataDir(number),
      host: '127.0.0.1',
      port: this.ports[number - 1]!,
      cluster: this.cluster(number),
      limits: { applicationWaitMs: [0] },
      ...options,
    });
    this.#running.set(number, tracker);
    return tracker;
  }

  tracker(number: number): Tracker {
    return this.#running.get(number)!;
  }

  async stop(number: number): Promise<void> {
    const tracker = this.#running.get(number);
    this.#running.delete(number);
    await tracker?.close();
  }

  /** A device that talks to one of them over a connection of its own. */
  device(number: number): TestDevice {
    return new TestDevice(this.#sendTo(number));
  }

  /** The same device at another tracker, where it has no session yet. */
  elsewhere(device: TestDevice, number: number): TestDevice {
    const same = device.over(this.#sendTo(number));
    same.token = undefined;
    return same;
  }

  async person(number: number, name: string): Promise<TestDevice> {
    const device = this.device(number);
    await device.createUser(name);
    await device.login(name);
    return device;
  }

  /** Resolves when each that runs holds what all the others hold. */
  async inStep(): Promise<void> {
    const statuses = () => [...this.#running.values()].map((tracker) => tracker.replication!());
    await until(() =>
      statuses().every(({ peers }) =>
        peers
          .filter((peer) => this.#running.has(peer.number))
          .every((peer) => peer.unacknowledgedOps === 0 && peer.missingOps === 0 && peer.state === 'following'),
      ),
    );
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    for (const number of [...this.#running.keys()]) await this.stop(number);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #sendTo(number: number) {
    const agent = trackerAgent();
    this.#agents.push(agent);
    return httpSend(this.ports[number - 1]!, agent);
  }
}

/** Looks again and again; rejects after 20 s with what `holds` said last. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endsAtMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error('it did not come to hold in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.once('listening', () => {
            const { port } = server.address() as { port: number };
            server.close(() => resolve(port));
          });
        }),
    ),
  );
  return ports;
}
