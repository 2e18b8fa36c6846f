import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { PeerageError } from '@peerage/contract';

export interface LineTerminalOptions {
  readonly input: ReadStream;
  readonly screen: WriteStream;
  /** Latest first; read anew before every line. */
  readonly history: () => readonly string[];
  readonly complete: (line: string) => Promise<[string[], string]>;
  /** Ctrl-C while a line is typed or a command runs (not while a secret is asked for: that ends the question). */
  readonly onInterrupt: () => void;
}

/** What readline writes to: the screen, but nothing while a secret is typed. */
class Mutable extends Writable {
  muted = false;
  readonly isTTY = true;
  readonly #screen: WriteStream;

  constructor(screen: WriteStream) {
    super({ decodeStrings: false });
    this.#screen = screen;
    screen.on('resize', this.#resized);
  }

  readonly #resized = () => this.emit('resize');

  get columns(): number {
    return this.#screen.columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.muted) this.#screen.write(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#screen.off('resize', this.#resized);
    done(error);
  }
}

interface Secret {
  readonly prompt: string;
  readonly answer: PromiseWithResolvers<string>;
}

/**
 * A line editor that others may print above.
 *
 * Always true: while it is open exactly one readline interface listens; lines that nobody has asked for yet wait in `#typed` in
 * their order (null: Ctrl-D); what is typed for a secret is neither shown nor kept in the history.
 */
export class LineTerminal {
  readonly #options: LineTerminalOptions;
  readonly #output: Mutable;
  readonly #typed: (string | null)[] = [];
  /** The very array that readline goes through with the arrow keys. */
  readonly #recalled: string[] = [];
  #reader: Interface;
  #waiting: ((line: string | null) => void) | null = null;
  #secret: Secret | null = null;
  #closed = false;

  constructor(options: LineTerminalOptions) {
    this.#options = options;
    this.#output = new Mutable(options.screen);
    this.#reader = this.#open();
  }

  #open(): Interface {
    const { input, complete } = this.#options;
    this.#recall();
    const reader = createInterface({
      input,
      output: this.#output,
      terminal: true,
      history: this.#recalled,
      historySize: Number.MAX_SAFE_INTEGER,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        if (this.#secret) return done(null, [[], line]);
        void complete(line).then((result) => done(null, result));
      },
    });
    reader.setPrompt('');
    // readline puts every line into its history before anybody can look at it: put back what may be remembered.
    reader.on('history', () => this.#recall());
    reader.on('line', (line) => this.#onLine(line));
    reader.on('SIGINT', () => this.#onInterrupt());
    reader.on('close', () => this.#onClose());
    return reader;
  }

  #recall(): void {
    this.#recalled.splice(0, this.#recalled.length, ...this.#options.history());
  }

  #onLine(line: string): void {
    if (this.#secret) {
      const { answer } = this.#endSecret();
      answer.resolve(line);
      return;
    }
    this.#take(line);
  }

  #take(line: string | null): void {
    if (this.#waiting === null) {
      this.#typed.push(line);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting(line);
  }

  #onInterrupt(): void {
    if (this.#secret) this.#endSecret().answer.reject(new PeerageError('interrupted', 'nothing was typed'));
    else this.#options.onInterrupt();
  }

  /** readline closes itself at Ctrl-D; the terminal is still there. */
  #onClose(): void {
    if (this.#closed) return;
    this.#options.screen.write('\n');
    if (this.#secret) this.#endSecret().answer.reject(new PeerageError('interrupted', 'nothing was typed'));
    const gone = this.#options.input.readableEnded || this.#options.input.destroyed;
    if (!gone) this.#reader = this.#open();
    this.#take(null);
  }

  #endSecret(): Secret {
    const secret = this.#secret!;
    this.#secret = null;
    this.#output.muted = false;
    this.#options.screen.write('\n');
    return secret;
  }

  /** Whether somebody waits for a line: what is typed at other times waits for them. */
  get isReading(): boolean {
    return this.#waiting !== null;
  }

  /** The next line; null for Ctrl-D on an empty one. */
  readLine(prompt: string): Promise<string | null> {
    const early = this.#typed.shift();
    // It was shown where it was typed, in the middle of something else.
    if (typeof early === 'string' && !this.#closed) this.print(`${prompt}${early}`);
    if (early !== undefined || this.#closed) return Promise.resolve(early ?? null);
    this.#recall();
    this.setPrompt(prompt);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** A word that is not shown. Ctrl-C and Ctrl-D end the question with `interrupted`. */
  readSecret(prompt: string): Promise<string> {
    const early = this.#typed.shift();
    if (typeof early === 'string') return Promise.resolve(early);
    if (early === null || this.#closed) {
      return Promise.reject(new PeerageError('interrupted', 'nothing was typed'));
    }
    this.setPrompt('');
    this.#options.screen.write(prompt);
    this.#output.muted = true;
    this.#secret = { prompt, answer: Promise.withResolvers<string>() };
    return this.#secret.answer.promise;
  }

  /** Shows another prompt, or none, in front of what is being typed. */
  setPrompt(prompt: string): void {
    if (this.#closed || this.#secret) return;
    this.#toStart();
    this.#reader.setPrompt(prompt);
    this.#reader.prompt(true);
  }

  /** Prints whole lines above the one that is being typed. */
  print(text: string): void {
    const { screen } = this.#options;
    if (this.#closed) {
      screen.write(`${text}\n`);
    } else if (this.#secret) {
      cursorTo(screen, 0);
      clearScreenDown(screen);
      screen.write(`${text}\n${this.#secret.prompt}`);
    } else {
      this.#toStart();
      screen.write(`${text}\n`);
      this.#reader.prompt(true);
    }
  }

  /** Takes prompt and line off the screen, all the rows of them. */
  #toStart(): void {
    const { screen } = this.#options;
    const { rows } = this.#reader.getCursorPos();
    moveCursor(screen, 0, -rows);
    cursorTo(screen, 0);
    clearScreenDown(screen);
    // How many rows readline will go up before it draws: it has not seen that the cursor is at the start.
    (this.#reader as Interface & { prevRows: number }).prevRows = 0;
  }

  /** Empties the line that is being typed; whether there was anything on it. */
  clearLine(): boolean {
    const had = this.#reader.line !== '';
    if (had) {
      this.#reader.write(null, { ctrl: true, name: 'e' });
      this.#reader.write(null, { ctrl: true, name: 'u' });
    }
    return had;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The shell that comes next begins on a line of its own.
    if (this.#secret || this.#waiting) this.#options.screen.write('\n');
    this.#secret?.answer.reject(new PeerageError('interrupted', 'nothing was typed'));
    this.#secret = null;
    this.#waiting?.(null);
    this.#waiting = null;
    this.#reader.close();
    this.#output.destroy();
  }
}
