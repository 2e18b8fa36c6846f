import type { Progress } from '@peerage/contract';
import { showBytes, showPercent } from '../render/quantities.ts';

/** `hashing 43% of 1.1 GB` */
export const progressText = ({ what, doneBytes, totalBytes }: Progress): string =>
  `${what} ${showPercent(doneBytes, totalBytes)} of ${showBytes(totalBytes)}`;

/** One line at the bottom of a terminal that is written over, at most when its text changes. */
export class ProgressLine {
  readonly #terminal: { write(text: string): unknown };
  #shown = '';

  constructor(terminal: { write(text: string): unknown }) {
    this.#terminal = terminal;
  }

  show(progress: Progress): void {
    const text = progressText(progress);
    if (text === this.#shown) return;
    this.#terminal.write(`\r\x1b[K${text}`);
    this.#shown = text;
  }

  clear(): void {
    if (this.#shown !== '') this.#terminal.write('\r\x1b[K');
    this.#shown = '';
  }
}
