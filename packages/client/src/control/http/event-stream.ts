import type { ServerResponse } from 'node:http';
import type { ControlEvent, Download, Movement } from '@peerage/contract';
import { type EventFan, type NumberedEvent, numbersOf } from '../event-fan.ts';
import { controlLimits } from './limits.ts';

/** Shows the reader that the client is there, and this end that the reader is. */
const ALIVE_MS = 5_000;
const RESYNC: ControlEvent = { type: 'resync' };

/**
 * One reader of the events, from `cursor` on. Always true: everything up to `#sent` was written in order; nothing is buffered for a slow
 * reader, who gets what is still kept once there is room, and `resync` for the rest.
 */
export class EventStream {
  readonly #fan: EventFan;
  readonly #instance: string;
  readonly #response: ServerResponse;
  readonly #alive: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #pace: NodeJS.Timeout | undefined;
  /** Numbers are not told again before. */
  /** Movements up to this number were told, also where the reader is not that far yet. */
  #movedUpTo = 0;
  #restUntilMs = 0;
  #sent: number;

  /** `cursor` as an earlier stream's last id; undefined: from now on. */
  constructor(response: ServerResponse, fan: EventFan, instance: string, cursor: string | undefined) {
    this.#response = response;
    this.#fan = fan;
    this.#instance = instance;
    const [from, number] = cursor?.split('-') ?? [];
    const known = from === instance && /^\d{1,15}$/.test(number ?? '');
    this.#sent = known ? Number(number) : fan.last;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (cursor !== undefined && !known) this.#write(fan.last, RESYNC);
    else response.write(`event: cursor\nid: ${instance}-${this.#sent}\ndata: {}\n\n`); // where a reader goes on who hears nothing before it breaks
    this.#unwatch = fan.watch((event) => this.#hear(event));
    this.#alive = setInterval(() => response.write(':\n\n'), ALIVE_MS);
    response.on('drain', () => this.#flush());
    response.on('close', () => this.#end());
    this.#flush();
  }

  close(): void {
    this.#response.end();
    this.#end();
  }

  #hear(event: ControlEvent): void {
    if (numbersOf(event) === null) {
      this.#flush();
      return;
    }
    const restMs = this.#restUntilMs - performance.now();
    this.#pace ??= setTimeout(() => this.#flush(), Math.max(controlLimits.paceMs, restMs));
  }

  #flush(): void {
    clearTimeout(this.#pace);
    this.#pace = undefined;
    if (this.#response.writableNeedDrain || this.#response.closed) return;
    const events = this.#fan.since(this.#sent);
    if (events === null) this.#write(this.#fan.last, RESYNC);
    const upTo = this.#fan.last;
    const [news, moved] = sorted(events ?? [], this.#sent, this.#movedUpTo);
    // First, and without moving on: a reader who is cut off behind it is told it again, by the stream that he asks for then. This one tells it once, however slowly it is read.
    if (moved.length > 0) {
      this.#movedUpTo = upTo;
      const bytes = this.#write(this.#sent, { type: 'downloads_moved', downloads: moved });
      this.#restUntilMs = performance.now() + (bytes / controlLimits.movedBytesPerSecond) * 1000;
    }
    for (const { number, event } of news) {
      if (this.#response.writableNeedDrain) return;
      this.#write(number, event);
    }
    this.#sent = upTo;
  }

  /** Answers how many bytes that were. */
  #write(number: number, event: ControlEvent): number {
    this.#sent = number;
    const text = `id: ${this.#instance}-${number}\ndata: ${JSON.stringify(event)}\n\n`;
    this.#response.write(text);
    return Buffer.byteLength(text);
  }

  #end(): void {
    this.#unwatch();
    clearInterval(this.#alive);
    clearTimeout(this.#pace);
  }
}

/** What is news to a reader who knows everything up to `sent`, and what has only moved since. */
function sorted(
  events: readonly NumberedEvent[],
  sent: number,
  movedUpTo: number,
): [news: NumberedEvent[], moved: Movement[]] {
  const news: NumberedEvent[] = [];
  const moved: Movement[] = [];
  for (const told of events) {
    const { event, newsAt } = told;
    if (event.type !== 'download_changed' || newsAt > sent) news.push(told);
    else if (told.number > movedUpTo) moved.push(movementOf(event.download));
  }
  return [news, moved];
}

const movementOf = ({ id, state, done, rate, peers, up_rate, uploaded, availability }: Download): Movement => ({
  id,
  state,
  done,
  rate: Math.round(rate),
  peers,
  up_rate,
  uploaded,
  availability,
});
