import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { writeRandomFile } from '../../test/support/team.ts';
import { type Filled, fillCatalogue, fillDownloads, fillShares } from './full-rows.ts';

const SEEDERS = 4;
const FILE_MIB = 8;
/** Of each seeder: with four of them 16 kB/s for each of 500 transfers, which so go on for eight minutes. */
const UP_RATE = '2MB/s';
const endings = ['mkv', 'tar.zst', 'csv', 'iso', 'pdf', 'parquet', 'jpg'] as const;

const nameOf = (what: string, number: number): string =>
  `${what} ${String(number).padStart(5, '0')} of the measured set.${endings[number % endings.length]}`;

/**
 * A client with a full library: `shares` files that it offers in the group `archive`, and `transfers` that it fetches in the group `team` from
 * four seeders who hold them to a rate. All are real processes; only the rows that ten thousand commands would have left are written at once.
 */
export class FullHouse {
  readonly client: ClientProcess;
  readonly home: string;
  readonly #tracker: TrackerProcess;
  readonly #seeders: readonly ClientProcess[];

  private constructor(client: ClientProcess, home: string, tracker: TrackerProcess, seeders: readonly ClientProcess[]) {
    this.client = client;
    this.home = home;
    this.#tracker = tracker;
    this.#seeders = seeders;
  }

  static async open(folder: string, shares: number, transfers: number): Promise<FullHouse> {
    const trackerInfo = join(folder, 'tracker_info.txt');
    writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
    const data = join(folder, 'tracker');
    const home = (name: string) => join(folder, `home-${name}`);
    const names = ['owner', ...Array.from({ length: SEEDERS }, (_, place) => `seeder${place}`)];

    const started: { stop(): Promise<unknown> }[] = [];
    try {
      let tracker = await TrackerProcess.start(trackerInfo, 1, data);
      started.push(tracker);
      const path = join(folder, 'content.bin');
      writeRandomFile(path, FILE_MIB);
      await begin(trackerInfo, names, home, path);
      await tracker.stop();

      const filled = await fillShares(home('owner'), 'archive', list('holding', shares - 1));
      const offered: Filled[] = [];
      for (const [place, name] of names.slice(1).entries()) {
        const count = Math.floor(transfers / SEEDERS);
        offered.push(await fillShares(home(name), 'team', list(`transfer ${place}`, count)));
      }
      mkdirSync(join(folder, 'inbox'));
      fillDownloads(home('owner'), join(folder, 'inbox'), offered);
      await fillCatalogue(data, [filled, ...offered]);

      tracker = await TrackerProcess.start(trackerInfo, 1, data);
      started.push(tracker);
      const seeders: ClientProcess[] = [];
      for (const name of names.slice(1)) {
        const seeder = await ClientProcess.start(trackerInfo, home(name));
        started.push(seeder);
        seeders.push(seeder);
      }
      const client = await ClientProcess.start(trackerInfo, home('owner'));
      started.push(client);
      return new FullHouse(client, home('owner'), tracker, seeders);
    } catch (error) {
      for (const one of started.reverse()) await one.stop();
      throw error;
    }
  }

  async movingNow(): Promise<number> {
    const { downloads } = await this.client.do('show_downloads');
    return downloads.filter(({ rate }) => rate > 0).length;
  }

  /** Resolves when so many transfers move as will: no more began within some seconds. */
  async moving(): Promise<void> {
    for (let most = 0, quiet = 0; quiet < 10; quiet++) {
      const now = await this.movingNow();
      if (now > most) quiet = 0;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async close(): Promise<void> {
    await this.client.stop();
    await Promise.all(this.#seeders.map((seeder) => seeder.stop()));
    await this.#tracker.stop();
  }
}

const list = (what: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => nameOf(what, number));

/** Accounts, groups, and the first share of everybody; then all of them have left. */
async function begin(
  trackerInfo: string,
  names: readonly string[],
  home: (name: string) => string,
  path: string,
): Promise<void> {
  const clients: ClientProcess[] = [];
  try {
    for (const name of names) {
      const client = await ClientProcess.start(trackerInfo, home(name));
      clients.push(client);
      await client.do('create_user', name, 'secret');
      await client.do('login', name, 'secret');
    }
    const [owner, ...seeders] = clients as [ClientProcess, ...ClientProcess[]];
    await owner.do('create_group', 'archive');
    await owner.do('create_group', 'team');
    await owner.do('upload_file', path, 'archive', '--name', nameOf('holding', 99_999));
    for (const [place, seeder] of seeders.entries()) {
      await seeder.do('join_group', 'team');
      await owner.do('accept_request', 'team', names[place + 1]!);
      await seeder.do('upload_file', path, 'team', '--name', nameOf(`transfer ${place}`, 99_999));
      await seeder.do('limit', 'up', UP_RATE);
    }
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
  }
}
