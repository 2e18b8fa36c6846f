import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The tracker run from its source. */
export const sourceEntry = fileURLToPath(new URL('./run-tracker-process.ts', import.meta.url));
/** The launcher's own: dozens of these start in one test file. */
const compileCache = fileURLToPath(new URL('../../../../node_modules/.cache/compile', import.meta.url));

/** A tracker in a process of its own; it may be stopped in any way. */
export class TrackerProcess {
  static readonly #running = new Set<ChildProcess>();
  readonly process: ChildProcess;
  readonly port: number;

  private constructor(process: ChildProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  /** Starts it on a free port; rejects with what it said when it ends instead of listening. */
  static async start(trackerInfoPath: string, dataDir: string, entry = sourceEntry): Promise<TrackerProcess> {
    const args = ['--disable-warning=ExperimentalWarning', entry, trackerInfoPath, dataDir];
    const child = spawn(process.execPath, args, { env: { NODE_COMPILE_CACHE: compileCache, ...process.env } });
    TrackerProcess.#running.add(child);
    child.once('exit', () => TrackerProcess.#running.delete(child));
    let said = '';
    const listening = Promise.withResolvers<number>();
    child.once('close', () => listening.reject(new Error(said)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const port = /listening on 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
      if (port) listening.resolve(Number(port));
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    return new TrackerProcess(child, await listening.promise);
  }

  /** Ends it by a signal and waits until it is gone; its exit code, null after a kill. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const gone = once(this.process, 'exit');
    this.process.kill(signal);
    const [code] = await gone;
    return code;
  }

  /** Ends those that a failed test left behind. */
  static async endAll(): Promise<void> {
    for (const child of TrackerProcess.#running) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }
}
