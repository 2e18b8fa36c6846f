import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { SpokenClient } from './spoken-client.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Trackers that a client may go to, in this order. */
export type Side = '1' | '2' | '12' | '21';

/** Two trackers of one file, each a process, that reach each other through a proxy each: cut from each other, both go on for whoever reaches them. */
export class CutPair {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-cut-'));
  readonly ports: number[] = [];
  readonly trackers: TrackerProcess[] = [];
  readonly #env: Readonly<Record<string, string>>;
  /** The way to tracker 1, and to tracker 2, for the other one. */
  readonly #between: TcpProxy[] = [];
  readonly #clients: (ClientProcess | SpokenClient)[] = [];

  #homes = 0;

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** `env`: of both trackers. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<CutPair> {
    const pair = new CutPair(env);
    pair.ports.push(await freePort(), await freePort());
    for (const port of pair.ports) pair.#between.push(await TcpProxy.start(port));
    writeFileSync(pair.#path('trackers.txt'), pair.#between.map(({ address }) => `${address}\n`).join(''));
    for (const side of ['1', '2', '12', '21']) {
      const lines = [...side].map((number) => `127.0.0.1:${pair.ports[Number(number) - 1]}\n`);
      writeFileSync(pair.trackerInfo(side as Side), lines.join(''));
    }
    await Promise.all([pair.startTracker(1), pair.startTracker(2)]);
    return pair;
  }

  /** What the trackers reach each other at. */
  get linkPorts(): number[] {
    return this.#between.map(({ address }) => Number(address.split(':').at(-1)));
  }

  trackerInfo(side: Side): string {
    return this.#path(`clients-${side}.txt`);
  }

  dataOf(number: number): string {
    return this.#path(`tracker-${number}`);
  }

  /** Starts it, also again after it ended. */
  async startTracker(
    number: number,
    env: Readonly<Record<string, string>> = {},
    data = this.dataOf(number),
  ): Promise<void> {
    const flags = ['--listen', `127.0.0.1:${this.ports[number - 1]}`];
    const own = { ...this.#env, ...env };
    const tracker = await TrackerProcess.start(this.#path('trackers.txt'), number, data, own, flags);
    this.trackers[number - 1] = tracker;
  }

  cut(): void {
    for (const way of this.#between) way.swallow(true);
  }

  heal(): void {
    for (const way of this.#between) way.swallow(false);
  }

  /** A client that is logged in as that user; `isNew`: who has no account yet. */
  async client(user: string, side: Side, isNew = true): Promise<ClientProcess> {
    const home = this.#path(`home-${++this.#homes}`);
    const started = await ClientProcess.start(this.trackerInfo(side), home);
    this.#clients.push(started);
    if (isNew) await started.do('create_user', user, 'secret');
    await started.do('login', user, 'secret');
    return started;
  }

  /** The same with a shell for people, which says what its client is told. */
  async spokenClient(user: string, side: Side, isNew = true): Promise<SpokenClient> {
    const home = this.#path(`home-${++this.#homes}`);
    const started = await SpokenClient.start(this.trackerInfo(side), home);
    this.#clients.push(started);
    if (isNew) await started.say(`create_user ${user} secret`);
    await started.say(`login ${user} secret`);
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()));
    await Promise.all(this.trackers.map((tracker) => tracker.stop('SIGKILL')));
    await Promise.all(this.#between.map((way) => way.close()));
    rmSync(this.folder, { recursive: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}
