import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../ends-with-parent.ts';
import { stopProcess } from '../peerage-process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const PYTHON = '/usr/bin/python3';
const LOOK_MS = 5;

export type StockName = 'libtorrent' | 'libtorrent-hp' | 'aria2' | 'transmission';

/** What a stock client is to do. */
export interface StockTask {
  readonly role: 'seed' | 'leech';
  /** A .torrent file. */
  readonly torrent: string;
  /** Where the share is, or is to come. */
  readonly folder: string;
  /** An empty folder of the client's own. */
  readonly state: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` of others, where the client can be told so; else its tracker tells. */
  readonly peers?: readonly string[];
  /** The network namespace that it runs in. */
  readonly namespace?: string;
}

/** How one finds out whether it is there, and Debian's name for it. */
const presence: Record<StockName, { readonly probe: readonly string[]; readonly debianPackage: string }> = {
  libtorrent: { probe: [PYTHON, '-c', 'import libtorrent'], debianPackage: 'python3-libtorrent' },
  'libtorrent-hp': { probe: [PYTHON, '-c', 'import libtorrent'], debianPackage: 'python3-libtorrent' },
  aria2: { probe: ['aria2c', '--version'], debianPackage: 'aria2' },
  transmission: { probe: ['transmission-daemon', '--version'], debianPackage: 'transmission-daemon' },
};

/** Undefined where that client can be run here; else why not. */
export function whyNotHere(name: StockName): string | undefined {
  const { probe, debianPackage } = presence[name];
  const [program, ...args] = probe;
  if (spawnSync(program!, args, { stdio: 'ignore' }).status === 0) return undefined;
  return `${name} is not installed (Debian: ${debianPackage})`;
}

/** A client was ended by a signal that nobody here sent: a fault of its own. */
export class StockClientDied extends Error {}

/** Somebody else's BitTorrent client, in a process of its own. */
export class StockClient {
  readonly process: ChildProcess;
  readonly #name: StockName;
  readonly #doneFile: string;
  #said = '';

  private constructor(name: StockName, process: ChildProcess, doneFile: string) {
    this.#name = name;
    this.process = process;
    this.#doneFile = doneFile;
    const keep = (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-8192);
    };
    process.stdout!.on('data', keep);
    process.stderr!.on('data', keep);
  }

  static start(name: StockName, task: StockTask): StockClient {
    mkdirSync(task.state, { recursive: true });
    mkdirSync(task.folder, { recursive: true });
    const doneFile = join(task.state, 'done');
    const words = commandOf(name, task, doneFile);
    const { namespace } = task;
    const inNamespace = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
    const [program, ...args] = [...inNamespace, ...endsWithParent, ...words];
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    return new StockClient(name, child, doneFile);
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /**
   * Resolves when it has all of the share, verified and written. (As seeders only libtorrent says so: the others' announces tell.) Rejects when it or one that it needs ends before,
   * with {@link StockClientDied} where that was by a signal.
   */
  async done(needed: readonly StockClient[] = []): Promise<void> {
    while (!existsSync(this.#doneFile)) {
      for (const client of [this, ...needed]) if (client.hasEnded) throw client.#failure();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #failure(): Error {
    const { signalCode } = this.process;
    if (signalCode !== null) return new StockClientDied(`${this.#name} died (${signalCode}):\n${this.#said}`);
    return new Error(`${this.#name} ended before all was done:\n${this.#said}`);
  }

  async stop(): Promise<void> {
    await stopProcess(this.process, 'SIGKILL');
  }
}

function commandOf(name: StockName, task: StockTask, doneFile: string): string[] {
  if (name === 'aria2') return aria2(task, doneFile);
  return name === 'transmission' ? transmission(task, doneFile) : libtorrent(name, task, doneFile);
}

/** A program for clients that call one when they are done. */
function hookOf(state: string, doneFile: string): string {
  const hook = join(state, 'done.sh');
  writeFileSync(hook, `#!/bin/sh\n: > '${doneFile}'\n`);
  chmodSync(hook, 0o755);
  return hook;
}

function libtorrent(name: StockName, task: StockTask, doneFile: string): string[] {
  const { role, torrent, folder, host, port, peers = [] } = task;
  const profile = name === 'libtorrent-hp' ? 'hp' : 'default';
  return [
    PYTHON,
    join(here, 'libtorrent_peer.py'),
    role,
    torrent,
    folder,
    host,
    String(port),
    profile,
    doneFile,
    ...peers,
  ];
}

function aria2({ role, torrent, folder, state, host, port }: StockTask, doneFile: string): string[] {
  const ofRole =
    role === 'seed'
      ? ['--bt-seed-unverified=true', '--allow-overwrite=true']
      : ['--file-allocation=falloc', `--on-bt-download-complete=${hookOf(state, doneFile)}`];
  return [
    'aria2c',
    '--no-conf',
    '--summary-interval=0',
    `--interface=${host}`,
    `--listen-port=${port}`,
    '--disable-ipv6=true',
    '--async-dns=false',
    '--enable-dht=false',
    '--bt-enable-lpd=false',
    '--bt-min-crypto-level=plain',
    '--bt-require-crypto=false',
    '--bt-max-peers=0',
    '--seed-ratio=0.0',
    `--dir=${folder}`,
    ...ofRole,
    torrent,
  ];
}

/** It refuses peers on 127.0.0.0/8, and takes one connection an address. */
function transmission({ torrent, folder, state, host, port }: StockTask, doneFile: string): string[] {
  mkdirSync(join(state, 'torrents'));
  copyFileSync(torrent, join(state, 'torrents', 'share.torrent'));
  const settings = {
    'download-dir': folder,
    'incomplete-dir-enabled': false,
    'bind-address-ipv4': host,
    'bind-address-ipv6': '::1',
    'peer-port': port,
    'rpc-enabled': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'blocklist-enabled': false,
    'ratio-limit-enabled': false,
    'speed-limit-down-enabled': false,
    'speed-limit-up-enabled': false,
    encryption: 0,
    'script-torrent-done-enabled': true,
    'script-torrent-done-filename': hookOf(state, doneFile),
  };
  writeFileSync(join(state, 'settings.json'), JSON.stringify(settings));
  return ['transmission-daemon', '-f', '-g', state];
}
