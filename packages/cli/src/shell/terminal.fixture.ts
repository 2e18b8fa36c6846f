import { PassThrough, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

/**
 * A terminal for tests: what is written is drawn on rows of characters as a real one draws it (the few sequences that readline and
 * the shell use; any other fails the test), and `type` is a keyboard. Narrow characters only.
 */
export class TestTerminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly #keys = new PassThrough();
  readonly #columns: number;
  readonly #rows: string[][] = [[]];
  readonly #watchers = new Set<() => void>();
  #row = 0;
  #column = 0;

  constructor(columns = 80) {
    this.#columns = columns;
    const output = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.#draw(String(chunk));
        done();
        for (const watcher of this.#watchers) watcher();
      },
    });
    this.output = Object.assign(output, { isTTY: true, columns, rows: 24 }) as unknown as WriteStream;
    this.input = Object.assign(this.#keys, { isTTY: true, setRawMode: () => this.input }) as unknown as ReadStream;
  }

  type(keys: string): void {
    this.#keys.write(keys);
  }

  /** What a person sees; the cursor is not shown. */
  get text(): string {
    return this.#rows.map((row) => row.join('').trimEnd()).join('\n');
  }

  /** Where the last row that has anything on it ends. */
  get lastLine(): string {
    return this.text.trimEnd().split('\n').at(-1)!;
  }

  /** Resolves as soon as the screen shows it; fails with what it shows instead. */
  async shows(wanted: string | RegExp): Promise<void> {
    const there = () => (typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text));
    if (there()) return;
    const shown = Promise.withResolvers<void>();
    const watcher = () => there() && shown.resolve();
    this.#watchers.add(watcher);
    const tooLong = () => shown.reject(new Error(`the screen does not show ${wanted}:\n${this.text}`));
    const timer = setTimeout(tooLong, 5000);
    try {
      await shown.promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    }
  }

  #draw(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what a terminal reads
    for (const [part, numbers = '', action] of text.matchAll(/\x1b\[([\d;]*)([A-Za-z])|./gsu)) {
      if (action !== undefined) this.#control(action, Number(numbers || 0));
      else if (part === '\r') this.#column = 0;
      else if (part === '\n') this.#goDown();
      else this.#put(part);
    }
  }

  #put(char: string): void {
    if (char < ' ') throw new Error(`a raw control character reached the screen: ${JSON.stringify(char)}`);
    if (this.#column === this.#columns) this.#goDown();
    const row = this.#rows[this.#row]!;
    while (row.length < this.#column) row.push(' ');
    row[this.#column++] = char;
  }

  #goDown(): void {
    this.#column = 0;
    this.#row++;
    if (this.#row === this.#rows.length) this.#rows.push([]);
  }

  #control(action: string, number: number): void {
    const steps = Math.max(1, number);
    const row = this.#rows[this.#row]!;
    if (action === 'A') this.#row = Math.max(0, this.#row - steps);
    else if (action === 'B') this.#row = Math.min(this.#rows.length - 1, this.#row + steps);
    else if (action === 'C') this.#column = Math.min(this.#columns - 1, this.#column + steps);
    else if (action === 'D') this.#column = Math.max(0, this.#column - steps);
    else if (action === 'G') this.#column = steps - 1;
    else if (action === 'K' && number === 0) row.length = Math.min(row.length, this.#column);
    else if (action === 'J' && number === 0) {
      row.length = Math.min(row.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (action !== 'm') throw new Error(`a sequence that the test's terminal does not know: ${number}${action}`);
  }
}
