import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopProcess } from '../peerage-process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const PYTHON = '/usr/bin/python3';
const LOOK_MS = 5;

export type StockName = 'libtorrent' | 'libtorrent-hp' | 'aria2';

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

/** Undefined where that client can be run here; else why not. */
export function whyNotHere(name: StockName): string | undefined {
  const [program, ...args] = name === 'aria2' ? ['aria2c', '--version'] : [PYTHON, '-c', 'import libtorrent'];
  if (spawnSync(program!, args, { stdio: 'ignore' }).status === 0) return undefined;
  return `${name} is not installed (Debian: ${name === 'aria2' ? 'aria2' : 'python3-libtorrent'})`;
}

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
    const words = name === 'aria2' ? aria2(task, doneFile) : libtorrent(name, task, doneFile);
    const { namespace } = task;
    const [program, ...args] = namespace === undefined ? words : ['ip', 'netns', 'exec', namespace, ...words];
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    return new StockClient(name, child, doneFile);
  }

  /** Resolves when it has all of the share, verified and written. (aria2 as a seeder says nothing: its announce tells.) */
  async done(): Promise<void> {
    while (!existsSync(this.#doneFile)) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`${this.#name} ended before it was done:\n${this.#said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async stop(): Promise<void> {
    await stopProcess(this.process, 'SIGKILL');
  }
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
  const hook = join(state, 'done.sh');
  writeFileSync(hook, `#!/bin/sh\n: > '${doneFile}'\n`);
  chmodSync(hook, 0o755);
  const ofRole =
    role === 'seed'
      ? ['--bt-seed-unverified=true', '--allow-overwrite=true']
      : ['--file-allocation=falloc', `--on-bt-download-complete=${hook}`];
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
