import type { TransferSnapshot } from './engine-protocol.ts';
import type { Share } from './share.ts';

const INTERVAL_MS = 250;

/** Tells how shares stand, four times a second while anything moves; only what changed is told, and nothing runs while all is quiet. */
export class SnapshotFeed {
  readonly #shares: () => Iterable<Share>;
  readonly #tell: (transfers: TransferSnapshot[]) => void;
  readonly #told = new WeakMap<Share, string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(shares: () => Iterable<Share>, tell: (transfers: TransferSnapshot[]) => void) {
    this.#shares = shares;
    this.#tell = tell;
  }

  wake(): void {
    if (this.#closed) return;
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  #tick(): void {
    let lively = false;
    const changed: TransferSnapshot[] = [];
    for (const share of this.#shares()) {
      lively ||= share.isLively;
      const snapshot = share.snapshot();
      const text = JSON.stringify(snapshot);
      if (this.#told.get(share) === text) continue;
      this.#told.set(share, text);
      changed.push(snapshot);
    }
    if (changed.length > 0) this.#tell(changed);
    if (lively) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
