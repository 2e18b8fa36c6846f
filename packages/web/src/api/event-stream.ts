import type { ControlEvent } from '@peerage/contract';
import { createParser } from 'eventsource-parser';
import { bodyOf } from './body.ts';
import { pageHeaders, shutOut } from './control.ts';

export interface EventStreamListener {
  onEvent(event: ControlEvent): void;
  /** The stream is there; it goes on where an earlier one ended. */
  onOpen(): void;
  onLost(): void;
}

const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 3000;

/** Follows the client's numbered events for as long as the page lives. Returns what ends it. */
export function followEvents(listener: EventStreamListener): () => void {
  const stop = new AbortController();
  void follow(listener, stop.signal);
  return () => stop.abort();
}

async function follow(listener: EventStreamListener, signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      const headers = { ...pageHeaders(), accept: 'text/event-stream', ...(last ? { 'last-event-id': last } : {}) };
      const answer = await fetch('/v1/events', { headers, signal });
      if (answer.status === 403) return shutOut();
      if (!answer.ok) throw new Error(`the event stream was answered ${answer.status}`);
      retryMs = FIRST_RETRY_MS;
      listener.onOpen();
      const parser = createParser({
        onEvent({ id, event, data }) {
          if (id) last = id;
          if (!event) listener.onEvent(JSON.parse(data) as ControlEvent); // of the client that served this page, as its answers are
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of bodyOf(answer)) parser.feed(decoder.decode(chunk, { stream: true }));
    } catch {
      if (signal.aborted) return; // the page was left
    }
    listener.onLost();
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  }
}
