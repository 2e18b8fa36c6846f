import { connect } from 'node:net';
import type { TrackerAddress } from './pinned-tls.ts';

const EVERY_MS = 2_000;

/** What the client knows of its trackers by what it asked them. */
interface Standing {
  readonly serving: () => string | null;
  readonly isReachable: (address: string) => boolean;
}

/**
 * Notices that a tracker that does not serve went or came back, while somebody looks: the one that serves is watched by its event stream. A port that opens is enough here and costs a tracker next to nothing;
 * how it stands is found out by who is told. Always true: a tracker is looked at once at a time; nothing runs while nobody looks.
 */
export class TrackerWatch {
  readonly #trackers: readonly TrackerAddress[];
  readonly #standing: Standing;
  readonly #changed: (address: string, answers: boolean) => void;
  readonly #everyMs: number;
  /** What was told last of a tracker, as long as that is not what is known of it anyway. */
  readonly #told = new Map<string, boolean>();
  #ending: AbortController | undefined;

  constructor(
    trackers: readonly TrackerAddress[],
    standing: Standing,
    changed: (address: string, answers: boolean) => void,
    everyMs = EVERY_MS,
  ) {
    this.#trackers = trackers;
    this.#standing = standing;
    this.#changed = changed;
    this.#everyMs = everyMs;
  }

  watch(isWatched: boolean): void {
    if (isWatched === (this.#ending !== undefined) || this.#trackers.length < 2) return;
    this.#ending?.abort();
    this.#ending = undefined;
    if (!isWatched) return;
    const ending = new AbortController();
    this.#ending = ending;
    for (const tracker of this.#trackers) this.#follow(tracker, ending.signal);
  }

  #follow(tracker: TrackerAddress, signal: AbortSignal): void {
    let looking = false;
    const timer = setInterval(async () => {
      if (looking || tracker.address === this.#standing.serving()) return;
      looking = true;
      const answers = await opens(tracker, signal);
      looking = false;
      if (!signal.aborted) this.#found(tracker.address, answers);
    }, this.#everyMs);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /** Told once where it is news: also of one whose end somebody else noticed, and which is back before it was looked at. */
  #found(address: string, answers: boolean): void {
    const known = this.#standing.isReachable(address);
    const isNews = answers !== (this.#told.get(address) ?? known);
    if (answers === known) this.#told.delete(address);
    else this.#told.set(address, answers);
    if (isNews) this.#changed(address, answers);
  }
}

/** Whether the tracker's port takes a connection. */
function opens({ host, port }: TrackerAddress, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: EVERY_MS });
    const end = (answers: boolean) => {
      signal.removeEventListener('abort', leave);
      socket.destroy();
      resolve(answers);
    };
    const leave = () => end(false);
    signal.addEventListener('abort', leave, { once: true });
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
