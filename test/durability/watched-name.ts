import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stopProcess } from '../../scripts/drive/peerage-process.ts';
import type { NameReport } from './name-watch.ts';

const program = fileURLToPath(new URL('name-watch.ts', import.meta.url));

/** A path that another process watches (name-watch.ts). */
export class WatchedName {
  readonly #process;
  readonly #said: Promise<string>;

  constructor(path: string) {
    this.#process = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#said = text(this.#process.stdout);
  }

  async report(): Promise<NameReport> {
    const gone = once(this.#process, 'exit');
    this.#process.stdin.end();
    await gone;
    return JSON.parse(await this.#said) as NameReport;
  }

  async stop(): Promise<void> {
    await stopProcess(this.#process);
  }
}
