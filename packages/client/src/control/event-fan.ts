import type { ControlEvent } from '@peerage/contract';
import { eventLimits } from './http/limits.ts';

export interface NumberedEvent {
  readonly number: number;
  readonly event: ControlEvent;
  /** The last number at which it said more than numbers. */
  readonly newsAt: number;
}

/**
 * Hands each event to everybody who listens at that moment, and numbers it for those who come back later.
 *
 * Always true: numbers rise by one with each event; of what only moves numbers the latest is kept (it says all that the
 * earlier ones said), of all others the last thousand; who asks for what is not kept any more is told so. The first who listens also
 * hears what was told while the client started.
 */
export class EventFan {
  readonly #listeners = new Set<(event: ControlEvent) => void>();
  #early: ControlEvent[] | undefined = [];
  #last = 0;
  readonly #kept: NumberedEvent[] = [];
  readonly #changes = new Map<string, NumberedEvent & { readonly words: string }>();
  /** The highest number that was dropped. */
  #dropped = 0;

  get last(): number {
    return this.#last;
  }

  subscribe(listener: (event: ControlEvent) => void): () => void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const unsubscribe = this.watch(listener);
    for (const event of early) listener(event);
    return unsubscribe;
  }

  /** As `subscribe`, from now on: what was told while the client started is left for the shell. */
  watch(listener: (event: ControlEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: ControlEvent): void {
    if (this.#early && this.#early.length < eventLimits.early) this.#early.push(event);
    this.#keep(++this.#last, event);
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** What was told after that number, in order; null where some of it is not kept any more. */
  since(number: number): NumberedEvent[] | null {
    if (number < this.#dropped || number > this.#last) return null;
    return [...this.#kept, ...this.#changes.values()]
      .filter((told) => told.number > number)
      .sort((a, b) => a.number - b.number);
  }

  #keep(number: number, event: ControlEvent): void {
    const key = numbersOf(event);
    if (key !== null) {
      const before = this.#changes.get(key);
      const words = wordsOf(event);
      this.#changes.set(key, { number, event, words, newsAt: before?.words === words ? before.newsAt : number });
      return;
    }
    if (event.type === 'download_removed') this.#changes.delete(event.id);
    if (event.type === 'download_completed' || event.type === 'download_failed')
      this.#changes.delete(event.download.id);
    this.#kept.push({ number, event, newsAt: number });
    if (this.#kept.length > eventLimits.kept) this.#dropped = this.#kept.shift()!.number;
  }
}

/** What an event's numbers belong to, where it says nothing but numbers that the next one says anew; null: it has news. */
export function numbersOf(event: ControlEvent): string | null {
  if (event.type === 'download_changed') return event.download.id;
  if (event.type === 'share_moved') return `share ${event.group}/${event.file}`;
  if (event.type === 'activity_changed') return `activity ${event.group}`;
  return event.type === 'rates_changed' ? 'rates' : null;
}

/** What an event says besides the numbers that `downloads_moved` tells. */
function wordsOf(event: ControlEvent): string {
  if (event.type !== 'download_changed') return '';
  const {
    done: _d,
    rate: _r,
    eta: _e,
    peers: _p,
    sources: _s,
    up_rate: _u,
    uploaded: _l,
    availability: _a,
    ...words
  } = event.download;
  return JSON.stringify(words);
}
