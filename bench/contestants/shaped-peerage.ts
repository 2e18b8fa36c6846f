import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import type { ShapedNet } from './shaped-net.ts';

const LOOK_AGAIN_MS = 10;

/** The product on shaped links: clients, each in a namespace of its own, a tracker, mutual TLS, on disk. The first `seeders` places share the file. */
export class ShapedPeerage {
  readonly #net: ShapedNet;
  readonly #folder: string;
  readonly #trackerInfo: string;
  readonly #tracker: TrackerProcess;
  readonly #members: ClientProcess[] = [];
  readonly #seeders: number;
  readonly #name: string;
  #fetches = 0;

  private constructor(net: ShapedNet, folder: string, path: string, seeders: number, tracker: TrackerProcess) {
    this.#net = net;
    this.#folder = folder;
    this.#trackerInfo = join(folder, 'tracker_info.txt');
    this.#name = basename(path);
    this.#seeders = seeders;
    this.#tracker = tracker;
  }

  static async open(net: ShapedNet, folder: string, path: string, seeders: number): Promise<ShapedPeerage> {
    mkdirSync(folder);
    const trackerInfo = join(folder, 'tracker_info.txt');
    writeFileSync(trackerInfo, `${net.hub}:${await freePort()}\n`);
    const tracker = await TrackerProcess.start(trackerInfo, 1, join(folder, 'tracker'));
    const house = new ShapedPeerage(net, folder, path, seeders, tracker);
    try {
      for (const place of net.places.keys()) await house.#enter(place, path);
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** Seconds from the commands until every leecher has the file. `beside` runs as soon as all are under way. */
  async fetch(beside: (house: ShapedPeerage) => Promise<void> = async () => undefined): Promise<number> {
    const places = [...this.#net.places.keys()].slice(this.#seeders);
    for (const place of places) {
      await this.#members[place]!.stop();
      this.#members[place] = await this.#start(place);
    }
    this.#fetches++;
    const startedMs = performance.now();
    await Promise.all(
      places.map((place) => this.#members[place]!.do('download_file', 'team', this.#name, this.#destination(place))),
    );
    // Commands of one client are answered in turn: `wait` would hold up those of `beside`.
    await beside(this);
    await Promise.all(places.map((place) => this.#members[place]!.do('wait')));
    const seconds = (performance.now() - startedMs) / 1000;
    for (const place of places) await this.#forget(place);
    return seconds;
  }

  /** The first seeder is killed when half of the file has come; afterwards it is there again. */
  async killSeederAtHalf(): Promise<void> {
    const leecher = this.#seeders;
    for (let isHalf = false; !isHalf; ) {
      await pause(LOOK_AGAIN_MS);
      const { downloads } = await this.#members[leecher]!.do('show_downloads');
      // Those of earlier rounds are listed, too.
      const present = downloads.find(({ destination }) => destination.startsWith(this.#destination(leecher)));
      if (present?.state === 'C') throw new Error('it was complete before the seeder could be killed');
      isHalf = present !== undefined && present.done >= present.size / 2;
    }
    await this.#members[0]!.stop('SIGKILL');
  }

  async bringSeederBack(): Promise<void> {
    this.#members[0] = await this.#start(0);
    while ((await this.#members[0].do('shares')).shares.some(({ state }) => state !== 'offered'));
  }

  /** The first seeder's own limit: a rate, or `off`. */
  async limitSeeder(rate: string): Promise<void> {
    await this.#members[0]!.do('limit', 'up', rate);
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
    await this.#tracker.stop();
  }

  async #enter(place: number, path: string): Promise<void> {
    const member = await this.#start(place);
    this.#members.push(member);
    await member.do('create_user', `user${place}`, 'secret');
    await member.do('login', `user${place}`, 'secret');
    if (place === 0) await member.do('create_group', 'team');
    else {
      await member.do('join_group', 'team');
      await this.#members[0]!.do('accept_request', 'team', `user${place}`);
    }
    if (place >= this.#seeders) return;
    const copies = join(this.#folder, `copy-${place}`);
    mkdirSync(copies);
    linkSync(path, join(copies, this.#name));
    await member.do('upload_file', join(copies, this.#name), 'team');
  }

  #start(place: number): Promise<ClientProcess> {
    const { namespace, host } = this.#net.places[place]!;
    const options = { listen: `${host}:7800`, namespace };
    return ClientProcess.start(this.#trackerInfo, join(this.#folder, `home-${place}`), options);
  }

  async #forget(place: number): Promise<void> {
    const member = this.#members[place]!;
    while ((await member.do('shares')).shares.length === 0);
    await member.do('stop_share', 'team', this.#name);
    rmSync(this.#destination(place), { recursive: true });
  }

  /** Where the present fetch of a leecher goes. */
  #destination(place: number): string {
    return join(this.#folder, `fetch-${this.#fetches}-to-${place}`);
  }
}
