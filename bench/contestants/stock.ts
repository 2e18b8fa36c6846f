import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { encodeInfo, encodeTorrent, Geometry, parseGroupId } from '@peerage/bittorrent';
import { hashFile } from '@peerage/storage';
import { freePort } from '../../scripts/drive/free-port.ts';
import { AnnounceServer } from '../../scripts/drive/stock/announce-server.ts';
import { StockClient, type StockName } from '../../scripts/drive/stock/stock-client.ts';
import type { Cost } from '../processes.ts';
import { costOfFreshLeechers } from './fresh-leechers.ts';

const group = parseGroupId('0123456789abcdef0123456789abcdef')!;
const HOST = '127.0.0.1';

/** The same work by an established engine over plain TCP: seeders that stay, leechers that are new processes in every run, whose start is part of it. */
export class StockHouse {
  readonly #name: StockName;
  readonly #folder: string;
  readonly #sizeBytes: number;
  readonly #torrent: string;
  readonly #tracker: AnnounceServer;
  readonly #seederPorts: readonly number[];
  readonly #leecherCount: number;
  #seeders: StockClient[] = [];
  #run = 0;

  private constructor(
    name: StockName,
    folder: string,
    path: string,
    tracker: AnnounceServer,
    seederPorts: readonly number[],
    leechers: number,
  ) {
    this.#name = name;
    this.#folder = folder;
    this.#seederPorts = seederPorts;
    this.#sizeBytes = statSync(path).size;
    this.#torrent = join(folder, 'share.torrent');
    this.#tracker = tracker;
    this.#leecherCount = leechers;
  }

  /** `folder`: empty, on the file's own file system. */
  static async open(
    name: StockName,
    folder: string,
    path: string,
    seeders: number,
    leechers: number,
  ): Promise<StockHouse> {
    mkdirSync(folder, { recursive: true });
    const tracker = await AnnounceServer.start(HOST);
    const ports = await Promise.all(Array.from({ length: seeders }, freePort));
    const house = new StockHouse(name, folder, path, tracker, ports, leechers);
    const { sizeBytes, pieceHashes, sha1 } = await hashFile(path);
    const geometry = new Geometry(sizeBytes);
    const info = encodeInfo({ kind: 'file', name: basename(path), group, geometry, pieceHashes, sha1 });
    writeFileSync(house.#torrent, encodeTorrent(info, { announce: tracker.url }));
    for (let place = 0; place < seeders; place++) {
      mkdirSync(house.#seederFolder(place));
      linkSync(path, join(house.#seederFolder(place), basename(path)));
    }
    await house.#startSeeders();
    return house;
  }

  /** Rejects with StockClientDied where one of them died; the next fetch finds all seeders there again. */
  async fetch(): Promise<Cost> {
    if (this.#seeders.some(({ hasEnded }) => hasEnded)) await this.#startSeeders();
    const folder = join(this.#folder, `run-${++this.#run}`);
    const ports = await Promise.all(Array.from({ length: this.#leecherCount }, freePort));
    return costOfFreshLeechers({
      seeders: this.#seeders,
      leecherCount: this.#leecherCount,
      sizeBytes: this.#sizeBytes,
      folder,
      start: (place) => this.#start('leech', join(folder, `l${place}`), join(folder, `ls${place}`), ports[place]!),
      done: (leecher) => leecher.done(this.#seeders),
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#seeders.map((seeder) => seeder.stop()));
    await this.#tracker.close();
  }

  #seederFolder(place: number): string {
    return join(this.#folder, `s${place}`);
  }

  /** In the place of those that are there. */
  async #startSeeders(): Promise<void> {
    await Promise.all(this.#seeders.map((seeder) => seeder.stop()));
    this.#tracker.clear();
    this.#seeders = this.#seederPorts.map((port, place) => {
      const state = join(this.#folder, `ss${place}`);
      rmSync(state, { recursive: true, force: true });
      return this.#start('seed', this.#seederFolder(place), state, port);
    });
    await this.#tracker.seeders(this.#seeders.length);
  }

  #start(role: 'seed' | 'leech', folder: string, state: string, port: number): StockClient {
    const peers = this.#seederPorts.map((seederPort) => `${HOST}:${seederPort}`);
    const task = { role, torrent: this.#torrent, folder, state, host: HOST, port, peers };
    return StockClient.start(this.#name, task);
  }
}
