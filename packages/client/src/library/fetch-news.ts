import type { ControlEvent } from '@peerage/contract';
import type { EngineEvent, TransferSnapshot } from '../engine/engine-protocol.ts';
import type { DownloadRow } from './download-rows.ts';
import { asFarAs, shareOf, viewOf } from './download-view.ts';
import type { Fetches } from './fetches.ts';
import type { Library } from './library.ts';
import type { ShareRow } from './share-rows.ts';

export interface NewsPorts {
  readonly library: Library;
  readonly tell: (event: ControlEvent) => void;
  /** The set of what is being fetched changed. */
  readonly presenceChanged: () => void;
  /** A file is whole under its final name: share it on. */
  readonly completed: (share: ShareRow) => void;
}

/** Takes what the engine tells of downloads into their rows, and tells it on. Always true: that a download ended is in its row before anybody hears of it. */
export class FetchNews {
  readonly #ports: NewsPorts;
  readonly #known: Fetches;
  readonly #changed: () => void;

  /** `changed` is called at every change of a download's state. */
  constructor(ports: NewsPorts, known: Fetches, changed: () => void) {
    this.#ports = ports;
    this.#known = known;
    this.#changed = changed;
  }

  onSnapshot(snapshot: TransferSnapshot): void {
    const fetch = this.#known.inEngine(snapshot.share);
    // That it failed is told by `failed`, which follows: until then it is no failed download to any command either.
    if (!fetch || snapshot.phase === 'failed') return;
    const before = viewOf(fetch).state;
    fetch.snapshot = snapshot;
    const view = viewOf(fetch);
    this.#ports.tell({ type: 'download_changed', download: view });
    if (view.state !== before) this.#changed();
  }

  onCompleted(event: Extract<EngineEvent, { type: 'completed' }>): void {
    const fetch = this.#known.inEngine(event.share);
    if (!fetch) return;
    const sources = fetch.snapshot?.sources ?? fetch.row.sources;
    const { folder } = fetch.row;
    // Without an identity it is not all of the share: what there is of it is served, but this device is no seeder.
    const isPart = folder !== null && event.identity === '';
    const isNews = fetch.row.state !== 'completed';
    const row: DownloadRow = {
      ...fetch.row,
      state: 'completed',
      sources,
      folder: folder && { ...folder, isServed: isPart },
    };
    if (isPart) this.#known.note(row);
    else this.#complete(row, event.identity);
    if (!isNews) return;
    this.#ports.presenceChanged();
    this.#ports.tell({ type: 'download_completed', download: viewOf(fetch) });
    this.#changed();
  }

  #complete(row: DownloadRow, identity: string): void {
    const share = shareOf(row, identity);
    this.#ports.library.saveFinished(row, share);
    this.#known.remember(row);
    this.#ports.completed(share);
  }

  onFailed(event: Extract<EngineEvent, { type: 'failed' }>): void {
    const fetch = this.#known.inEngine(event.share);
    if (!fetch) return;
    if (fetch.row.state === 'completed') {
      // What was wanted is there, and the user's to change; only it can't be served any more.
      this.#known.note({ ...fetch.row, folder: { ...fetch.row.folder!, isServed: false } });
      this.#ports.tell({
        type: 'share_problem',
        group: fetch.row.groupName,
        file: fetch.row.name,
        message: event.message,
      });
      this.#ports.presenceChanged();
      return;
    }
    this.#known.note({ ...asFarAs(fetch), state: 'failed', reason: { code: event.code, message: event.message } });
    this.#ports.presenceChanged();
    this.#ports.tell({ type: 'download_failed', download: viewOf(fetch) });
    this.#changed();
  }
}
