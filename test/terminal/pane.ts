import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Captures of what a person saw, to be looked at; git ignores the folder. */
const artefacts = fileURLToPath(new URL('../../artefacts/terminal/', import.meta.url));

/** A drawn screen is looked at again so soon; how long it may take is the test's own time limit. */
const LOOK_AGAIN_MS = 40;
const LONGEST_MS = 20_000;

/** How a program ended is written down by whoever started it: tmux (3.3) now and then does not learn it. Keys that interrupt are the program's. */
const TELLING_ITS_END = 'trap : INT QUIT TERM HUP; "$@"; echo $? > "$0.new"; mv "$0.new" "$0"';

/** One program in a real terminal: a pane of a tmux server of its own, which ends with it. */
export class Pane {
  readonly #socket: string;
  readonly #status: string;

  private constructor(socket: string, status: string) {
    this.#socket = socket;
    this.#status = status;
  }

  static async open(
    folder: string,
    command: readonly string[],
    { columns = 80, rows = 24, env = {} as NodeJS.ProcessEnv, cwd = folder, name = 'pane' } = {},
  ): Promise<Pane> {
    const pane = new Pane(join(folder, `${name}.tmux`), join(folder, `${name}.status`));
    const given = Object.entries({ ...env, LC_ALL: 'C.UTF-8' }).flatMap(([key, value]) =>
      value === undefined || key === 'TERM' || key.startsWith('TMUX') ? [] : ['-e', `${key}=${value}`],
    );
    const size = ['-x', String(columns), '-y', String(rows)];
    // What the program said last stays to be read after its end.
    await pane.#tmux(
      '-f',
      '/dev/null',
      'start-server',
      ';',
      'set',
      '-g',
      'remain-on-exit',
      'on',
      ';',
      'new-session',
      '-d',
      ...size,
      '-c',
      cwd,
      ...given,
      'sh',
      '-c',
      TELLING_ITS_END,
      pane.#status,
      ...command,
    );
    return pane;
  }

  async #tmux(...args: string[]): Promise<string> {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', TMUX: undefined };
    const { stdout } = await run('tmux', ['-u', '-S', this.#socket, ...args], { env });
    return stdout;
  }

  /** Characters as they are. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Keys by tmux's names: Enter, Tab, C-c, C-d, Up. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Types, and has it completed: a Tab that came together with text would be pasted text. */
  async complete(typed: string, completed: string | RegExp): Promise<void> {
    await this.type(typed);
    await this.shows(typed);
    await this.press('Tab');
    await this.showsEnd(completed);
  }

  /** Waits until that stands at the end of the screen, blanks aside. */
  showsEnd(wanted: string | RegExp): Promise<string> {
    return this.shows(
      typeof wanted === 'string' ? new RegExp(`${wanted.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : wanted,
    );
  }

  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** What stands on the screen, lines cut at their last character; with what has scrolled off above it. */
  async screen(): Promise<string> {
    const text = await this.#tmux('capture-pane', '-p', '-S', '-200');
    return text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Waits until the screen shows it; fails with what it shows instead. */
  async shows(wanted: string | RegExp): Promise<string> {
    let screen = '';
    for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += LOOK_AGAIN_MS) {
      screen = await this.screen();
      if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) return screen;
      await sleep(LOOK_AGAIN_MS);
    }
    throw new Error(`the screen does not show ${wanted}:\n${screen}`);
  }

  /** Keeps what is on the screen for people to look at. */
  async keep(name: string): Promise<string> {
    const screen = await this.screen();
    mkdirSync(artefacts, { recursive: true });
    writeFileSync(join(artefacts, `${name}.txt`), `${screen}\n`);
    return screen;
  }

  /** Null while the program runs. */
  exitCode(): number | null {
    return existsSync(this.#status) ? Number(readFileSync(this.#status, 'utf8')) : null;
  }

  async ended(): Promise<number> {
    for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += LOOK_AGAIN_MS) {
      const code = this.exitCode();
      if (code !== null) return code;
      await sleep(LOOK_AGAIN_MS);
    }
    throw new Error(`the program has not ended:\n${await this.screen()}`);
  }

  async close(): Promise<void> {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server'], { stdio: 'ignore' });
  }
}
