import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeInfo, Geometry, infoHashOf, parseGroupId } from '@peerage/bittorrent';
import { hashFile } from '@peerage/storage';
import { bundle, copyAddon } from '../../scripts/drive/bundle.ts';
import { endsWithParent } from '../../scripts/drive/ends-with-parent.ts';
import { stopProcess } from '../../scripts/drive/peerage-process.ts';
import type { Cost } from '../processes.ts';
import { costOfFreshLeechers } from './fresh-leechers.ts';
import type { PlainTask } from './plain-peer.ts';

const group = parseGroupId('0123456789abcdef0123456789abcdef')!;
/** In one folder, as the product is installed. */
const programs = {
  'plain-peer': 'bench/contestants/plain-peer.ts',
  'storage-hash-worker': 'packages/storage/src/hashing/hash-worker.ts',
  'client-metainfo-worker': 'packages/client/src/metainfo/metainfo-worker.ts',
};
/** As the launcher starts the product. */
const options = ['--v8-pool-size=1', '--disable-warning=ExperimentalWarning'];

const deviceOf = (place: number) => place.toString(16).padStart(32, '0');

/** A process, and the first line that it writes. */
class PlainPeer {
  readonly process: ChildProcess;
  readonly said: Promise<string>;

  /** `bundled`: the folder of {@link programs}. */
  constructor(task: PlainTask, bundled: string) {
    const program = join(bundled, 'plain-peer.js');
    const [file, ...words] = [...endsWithParent, process.execPath, ...options, program, JSON.stringify(task)];
    this.process = spawn(file!, words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(bundled, 'compile-cache') },
    });
    this.said = new Promise((resolve, reject) => {
      createInterface({ input: this.process.stdout! }).once('line', resolve);
      this.process.once('exit', (code, signal) => reject(new Error(`a peer ended (${code ?? signal})`)));
    });
  }

  stop(): Promise<unknown> {
    this.said.catch(() => undefined); // it is stopped
    return stopProcess(this.process);
  }
}

/** The engine alone over plain TCP: seeders that stay, leechers that are new processes in every run, whose start is part of it. */
export class PlainHouse {
  readonly #folder: string;
  readonly #infoPath: string;
  readonly #share: string;
  readonly #sizeBytes: number;
  readonly #leecherCount: number;
  readonly #seeders: PlainPeer[] = [];
  readonly #ports: number[] = [];
  #run = 0;

  private constructor(folder: string, infoPath: string, share: string, sizeBytes: number, leechers: number) {
    this.#folder = folder;
    this.#infoPath = infoPath;
    this.#share = share;
    this.#sizeBytes = sizeBytes;
    this.#leecherCount = leechers;
  }

  /** `folder`: empty, on the file's own file system. */
  static async open(folder: string, path: string, seeders: number, leechers: number): Promise<PlainHouse> {
    mkdirSync(folder, { recursive: true });
    const bundled = join(folder, 'bundled');
    await bundle(programs, bundled);
    copyAddon(bundled);
    const { sizeBytes, pieceHashes, sha1, identity } = await hashFile(path);
    const geometry = new Geometry(sizeBytes);
    const info = encodeInfo({ kind: 'file', name: basename(path), group, geometry, pieceHashes, sha1 });
    const share = infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest());
    const infoPath = join(folder, 'share.info');
    writeFileSync(infoPath, info);
    const house = new PlainHouse(folder, infoPath, share, statSync(path).size, leechers);
    for (let place = 0; place < seeders; place++) {
      const seeder = house.#start(place, { role: 'seed', path, identity: JSON.stringify(identity) });
      house.#seeders.push(seeder);
      house.#ports.push(Number(await seeder.said));
    }
    return house;
  }

  async fetch(): Promise<Cost> {
    const folder = join(this.#folder, `run-${++this.#run}`);
    mkdirSync(folder);
    const peers = this.#ports.map((port, place) => ({
      device: deviceOf(place),
      user: 'bench',
      addresses: [{ host: '127.0.0.1', port }],
    }));
    return costOfFreshLeechers({
      seeders: this.#seeders,
      leecherCount: this.#leecherCount,
      sizeBytes: this.#sizeBytes,
      folder,
      start: (place) => this.#start(1000 + place, { role: 'leech', path: join(folder, `copy-${place}`), peers }),
      done: ({ said }) => said,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#seeders.map((seeder) => seeder.stop()));
  }

  #start(
    place: number,
    work: { role: 'seed'; path: string; identity: string } | { role: 'leech'; path: string; peers: readonly Peer[] },
  ): PlainPeer {
    const device = deviceOf(place);
    const task: PlainTask = { device, share: this.#share, infoPath: this.#infoPath, ...work };
    return new PlainPeer(task, join(this.#folder, 'bundled'));
  }
}

type Peer = Extract<PlainTask, { role: 'leech' }>['peers'][number];
