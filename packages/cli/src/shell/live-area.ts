import type { Look } from '../render/look.ts';

/** Where lines are drawn over those drawn before, at the bottom of a terminal. */
export interface Screen {
  readonly rows?: number;
  write(text: string): unknown;
}

/** A row that is full to its last character is one or two, as the terminal likes: the last one stays free. */
export const liveLook = (look: Look): Look => ({ ...look, columns: look.columns === null ? null : look.columns - 1 });

/** As many lines as the screen has room for: what has scrolled away can not be drawn over. */
export function fitRows(lines: readonly string[], { rows = 24 }: Pick<Screen, 'rows'>): readonly string[] {
  const room = Math.max(1, rows - 2);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more`];
}

/** Lines at the bottom of a terminal that are written over, at most when their text changes. */
export class LiveArea {
  readonly #screen: Screen;
  #shown: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(lines: readonly string[]): void {
    const fitting = fitRows(lines, this.#screen);
    if (fitting.join('\n') === this.#shown.join('\n')) return;
    this.#screen.write(`${this.#erasing()}${fitting.join('\n')}`);
    this.#shown = fitting;
  }

  clear(): void {
    if (this.#shown.length > 0) this.#screen.write(this.#erasing());
    this.#shown = [];
  }

  #erasing(): string {
    const above = this.#shown.length - 1;
    return `${above > 0 ? `\x1b[${above}A` : ''}\r\x1b[J`;
  }
}
