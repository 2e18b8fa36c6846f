import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';
import { type Run, runProgram } from './run-program.ts';

/** A user's account of a machine for a test: homes, running clients and trackers of its own, seen by no other. */
export class QuietPlace {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-place-'));
  /** What sets it apart in the environment of a program. */
  readonly own: Readonly<Record<string, string>>;
  readonly #trackers: TrackerProcess[] = [];

  constructor() {
    this.own = { XDG_DATA_HOME: this.path('data'), XDG_RUNTIME_DIR: this.path('run') };
    mkdirSync(this.path('run'));
  }

  /** The environment of a program that a test starts by itself. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, NO_COLOR: '1', ...this.own };
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** A tracker of its own cluster; answers its tracker file. */
  async startTracker(name = 'tracker_info.txt'): Promise<string> {
    const file = this.path(name);
    writeFileSync(file, `127.0.0.1:${await freePort()}\n`);
    this.#trackers.push(await TrackerProcess.start(file, 1, this.path(`${name}.data`)));
    return file;
  }

  /** Runs the program with this input to its end. */
  run(args: readonly string[], { input = '', cwd = this.folder } = {}): Promise<Run> {
    return runProgram(args, input, this.own, cwd);
  }

  /** Ends the clients that run in the background, and the trackers. */
  async close(): Promise<void> {
    const { out } = await this.run(['paths', '--json']);
    const { clients_running: clients } = JSON.parse(out) as { clients_running: { home: string }[] };
    for (const { home } of clients) await this.run(['stop', '--home', home]);
    for (const tracker of this.#trackers) await tracker.stop();
    rmSync(this.folder, { recursive: true });
  }
}
