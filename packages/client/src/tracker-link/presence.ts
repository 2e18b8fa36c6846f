import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PeerageError, type RouteInput, type TrackerRoutes } from '@peerage/contract';
import type { TrackerLink } from './tracker-link.ts';

const BEAT_MS = 30_000;
const RETRY_MS = 1_000;
const MOST_ADDRESSES = 8;

type Beat = RouteInput<TrackerRoutes['heartbeat']>['body'];
/** What a device says of itself, but for the numbers that order it. */
export type PresenceState = Pick<Beat, 'addresses' | 'downloading' | 'withheld'>;

/**
 * Tells the trackers that this device is online: every 30 s, and at once when something changed. Always true: nothing is told before what this device shares is in the
 * engine (`open`): whoever hears of it dials it at once, and after a vain try not again for seconds.
 */
export class Presence {
  readonly #link: TrackerLink;
  readonly #state: () => PresenceState;
  readonly #onFailure: (error: unknown) => void;
  #session: number | undefined;
  #isOpen = false;
  #version = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending = false;
  #again = false;

  constructor(link: TrackerLink, state: () => PresenceState, onFailure: (error: unknown) => void) {
    this.#link = link;
    this.#state = state;
    this.#onFailure = onFailure;
  }

  /** A new login of this device: its beats replace those of earlier ones. */
  start(presenceSession: number): void {
    this.#session = presenceSession;
    this.#version = 0;
    this.changed();
  }

  /** Whoever hears of this device finds it ready from now on. */
  open(): void {
    this.#isOpen = true;
    this.changed();
  }

  stop(): void {
    this.#session = undefined;
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  /** What this device shares, fetches or listens on is not what the last beat said. */
  changed(): void {
    if (this.#session === undefined || !this.#isOpen) return;
    if (this.#sending) this.#again = true;
    else void this.#beat();
  }

  async #beat(): Promise<void> {
    clearTimeout(this.#timer);
    this.#sending = true;
    this.#again = false;
    let nextMs = BEAT_MS;
    try {
      // Another tracker may serve by now, with a login of its own: the heartbeat is of that one.
      await this.#link.callWith('heartbeat', (presenceSession) => {
        this.#again = false;
        return { body: { presenceSession, version: ++this.#version, ...this.#state() } };
      });
    } catch (error) {
      nextMs = RETRY_MS;
      if (!(error instanceof PeerageError && error.code === 'tracker_unreachable')) this.#onFailure(error);
    }
    this.#sending = false;
    if (this.#session === undefined) return;
    if (this.#again) this.changed();
    else this.#timer = setTimeout(() => this.changed(), nextMs);
  }
}

/** The addresses that peers may try: the advertised one first; loopback only where a tracker is on this machine. */
export function ownAddresses(
  listen: { host: string; port: number },
  advertise: { host: string; port: number } | null,
  trackerHosts: readonly string[],
): { host: string; port: number }[] {
  const addresses = advertise ? [advertise] : [];
  if (listen.host !== '0.0.0.0' && listen.host !== '::') addresses.push(listen);
  else {
    const local = trackerHosts.some((host) => host === 'localhost' || host === '::1' || host.startsWith('127.'));
    for (const entry of Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])) {
      if (entry.internal ? local : !entry.address.startsWith('fe80:')) {
        if (listen.host === '::' || isIP(entry.address) === 4)
          addresses.push({ host: entry.address, port: listen.port });
      }
    }
  }
  return addresses.slice(0, MOST_ADDRESSES);
}
