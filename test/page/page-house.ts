import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';

/** Trackers of one file, and people with a client and a folder of their own, each of them logged in. */
export class PageHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-page-'));
  readonly trackerInfo = join(this.folder, 'tracker_info.txt');
  readonly trackers: TrackerProcess[] = [];
  readonly clients: ClientProcess[] = [];

  static async open(trackers: number, people: readonly string[]): Promise<PageHouse> {
    const house = new PageHouse();
    try {
      const lines = await Promise.all(Array.from({ length: trackers }, async () => `127.0.0.1:${await freePort()}\n`));
      writeFileSync(house.trackerInfo, lines.join(''));
      for (let number = 1; number <= trackers; number++) await house.startTracker(number);
      for (const name of people) {
        const client = await house.startClient(name);
        await client.do('create_user', name, 'secret');
        await client.do('login', name, 'secret');
      }
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** What the page of that person sees of the machine. */
  filesOf(name: string): string {
    return join(this.folder, name);
  }

  async startTracker(number: number): Promise<TrackerProcess> {
    const tracker = await TrackerProcess.start(this.trackerInfo, number, join(this.folder, `tracker-${number}`));
    this.trackers[number - 1] = tracker;
    return tracker;
  }

  async startClient(name: string): Promise<ClientProcess> {
    mkdirSync(join(this.filesOf(name), 'inbox'), { recursive: true });
    const client = await ClientProcess.start(this.trackerInfo, join(this.folder, `home-${name}`), {
      env: { HOME: this.filesOf(name) },
    });
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()));
    await Promise.all(this.trackers.map((tracker) => tracker?.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
