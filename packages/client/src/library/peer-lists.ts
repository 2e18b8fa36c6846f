import { PeerageError } from '@peerage/contract';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { TrackerLink } from '../tracker-link/tracker-link.ts';

/** While something is being fetched its peers are asked for at this pace too, in case an event was lost. */
const REFRESH_MS = 30_000;

export interface ShareKey {
  readonly gid: string;
  readonly infoHash: string;
}

/** Keeps the engine told who is online for each share. One question a share is under way at a time; a change meanwhile asks once more. */
export class PeerLists {
  readonly #link: TrackerLink;
  readonly #engine: EngineThread;
  readonly #onFailure: (error: unknown) => void;
  readonly #asking = new Map<string, { again: boolean }>();
  #watched: () => readonly ShareKey[] = () => [];
  #timer: NodeJS.Timeout | undefined;

  constructor(link: TrackerLink, engine: EngineThread, onFailure: (error: unknown) => void) {
    this.#link = link;
    this.#engine = engine;
    this.#onFailure = onFailure;
  }

  /** `watched` are the shares that lack something: asked for now, and every 30 s. */
  start(watched: () => readonly ShareKey[]): void {
    this.stop();
    this.#watched = watched;
    this.#timer = setInterval(() => this.refreshAll(), REFRESH_MS);
    this.refreshAll();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watched = () => [];
  }

  refreshAll(): void {
    for (const share of this.#watched()) void this.refresh(share);
  }

  async refresh(share: ShareKey): Promise<void> {
    const running = this.#asking.get(share.infoHash);
    if (running) {
      running.again = true;
      return;
    }
    const asking = { again: false };
    this.#asking.set(share.infoHash, asking);
    try {
      const { peers } = await this.#link.call('peers', { params: { group: share.gid, infoHash: share.infoHash } });
      await this.#engine.request({
        type: 'peers',
        share: share.infoHash,
        peers: peers.map((peer) => ({ device: peer.deviceId, user: peer.user, addresses: peer.addresses })),
      });
    } catch (error) {
      // No tracker: the engine goes on with the peers that it knows. Anything else is worth a line in the log.
      if (!(error instanceof PeerageError && error.code === 'tracker_unreachable')) this.#onFailure(error);
      asking.again = false;
    }
    this.#asking.delete(share.infoHash);
    if (asking.again) await this.refresh(share);
  }
}
