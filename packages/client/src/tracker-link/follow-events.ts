import { PeerageError, type TrackerEvent, trackerRoutes } from '@peerage/contract';
import { readEvents } from './event-stream.ts';
import type { HttpTransport } from './http-transport.ts';
import { pause } from './pause.ts';

const RECONNECT_MS = [100, 250, 500, 1_000, 2_000];

interface Followed {
  readonly transport: Pick<HttpTransport, 'stream'>;
  readonly session: { readonly token: string } | undefined;
}

export interface Following<T extends Followed> {
  /** The tracker that serves, where there is a session now. */
  find(): Promise<T>;
  onEvent(event: TrackerEvent): void;
  /** A stream is open. */
  onOpen(signal: AbortSignal): void;
  /** Its stream ended since nothing came any more. */
  onSilence(tracker: T): Promise<void>;
}

/** Follows the events of whatever tracker serves, until the signal: a stream that ends is opened again, and goes on where it was where that is possible. */
export async function followEvents<T extends Followed>(following: Following<T>, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  let lastTracker: T | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const tracker = await following.find();
      if (tracker !== lastTracker) lastId = undefined; // the numbers are each tracker's own
      lastTracker = tracker;
      const incoming = await tracker.transport.stream({
        method: 'GET',
        path: trackerRoutes.events.path,
        headers: {
          accept: 'text/event-stream',
          authorization: `Bearer ${tracker.session?.token}`,
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
        body: null,
      });
      const stop = () => incoming.destroy();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      if (incoming.statusCode === 200) {
        failures = 0;
        if (lastId === undefined) following.onEvent({ type: 'resync' });
        following.onOpen(signal);
        let isSilent = false;
        lastId = await readEvents(incoming, lastId, following.onEvent, () => (isSilent = true));
        if (isSilent) await following.onSilence(tracker);
      } else incoming.destroy();
      signal.removeEventListener('abort', stop);
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      // Refused or unreachable: tried again below; calls report their own errors, and the link tells the person.
    }
    if (signal.aborted) return;
    await pause(RECONNECT_MS[Math.min(failures++, RECONNECT_MS.length - 1)]!, signal);
  }
}
