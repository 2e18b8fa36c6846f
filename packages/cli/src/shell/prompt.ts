import type { ControlEvent, ControlResult } from '@peerage/contract';
import { clean } from '../render/clean.ts';

/**
 * What the prompt says: `alice@tracker1> `, `$> ` before login, `!` in front while no tracker answers. Trackers are numbered by their
 * place in the tracker file; the number of the one that served last stays while none answers.
 */
export class Prompt {
  #user: string | null;
  readonly #trackers: readonly string[];
  #serving: number;
  #reachable: boolean;

  constructor(status: ControlResult<'status'>) {
    this.#user = status.user;
    this.#trackers = status.trackers.map(({ address }) => address);
    this.#serving = status.trackers.findIndex(({ serving }) => serving);
    this.#reachable = this.#serving >= 0 || status.trackers.some(({ reachable }) => reachable);
  }

  /** Whether the event changed the prompt. */
  hear(event: ControlEvent): boolean {
    const before = this.text();
    if (event.type === 'user_changed') this.#user = event.user;
    if (event.type === 'tracker_changed') {
      this.#reachable = event.address !== null;
      if (event.address !== null) this.#serving = this.#trackers.indexOf(event.address);
    }
    return this.text() !== before;
  }

  text(): string {
    const warning = this.#reachable ? '' : '!';
    if (this.#user === null) return `${warning}$> `;
    return `${warning}${clean(this.#user)}${this.#serving < 0 ? '' : `@tracker${this.#serving + 1}`}> `;
  }
}
