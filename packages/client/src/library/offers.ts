import type { Share } from '@peerage/contract';
import type { ShareRow } from './share-rows.ts';

export interface Offered {
  row: ShareRow;
  state: Share['state'];
  /** Uploaded before the engine was asked to offer it, and what the engine counted since. */
  uploadedBefore: number;
  uploadedNow: number;
  upBytesPerSecond: number;
  connectedPeers: number;
}

/** What is offered on this device, and what can't be now. Each share stands here once, whatever its state. */
export class Offers {
  readonly #byHash = new Map<string, Offered>();

  list(): Share[] {
    return [...this.#byHash.values()].map(viewOf);
  }

  /** One of them, as far as it is offered. */
  view(infoHash: string): Share | undefined {
    const offered = this.#byHash.get(infoHash);
    return offered && viewOf(offered);
  }

  /** Intents that are on, but whose source can't be offered now. */
  withheld(): { group: string; infoHash: string }[] {
    return [...this.#byHash.values()]
      .filter((offered) => offered.state !== 'offered')
      .map(({ row }) => ({ group: row.gid, infoHash: row.infoHash }));
  }

  rows(): readonly ShareRow[] {
    return [...this.#byHash.values()].map(({ row }) => row);
  }

  find(gid: string, name: string): ShareRow | undefined {
    return [...this.#byHash.values()].find(({ row }) => row.gid === gid && row.name === name)?.row;
  }

  named(group: string, name: string): ShareRow | undefined {
    const fold = group.toLowerCase();
    return [...this.#byHash.values()].find(({ row }) => row.groupName.toLowerCase() === fold && row.name === name)?.row;
  }

  isOffered(infoHash: string): boolean {
    return this.#byHash.get(infoHash)?.state === 'offered';
  }

  note(row: ShareRow, state: Share['state']): Offered {
    const known = this.#byHash.get(row.infoHash);
    const offered: Offered = {
      row,
      state,
      uploadedBefore: known?.uploadedBefore ?? row.uploadedBytes,
      uploadedNow: known?.uploadedNow ?? 0,
      upBytesPerSecond: known?.upBytesPerSecond ?? 0,
      connectedPeers: known?.connectedPeers ?? 0,
    };
    this.#byHash.set(row.infoHash, offered);
    return offered;
  }

  all(): Offered[] {
    return [...this.#byHash.values()];
  }

  get(infoHash: string): Offered | undefined {
    return this.#byHash.get(infoHash);
  }

  remove(infoHash: string): void {
    this.#byHash.delete(infoHash);
  }

  clear(): void {
    this.#byHash.clear();
  }
}

const viewOf = (offered: Offered): Share => ({
  group: offered.row.groupName,
  file: offered.row.name,
  path: offered.row.path,
  size: offered.row.sizeBytes,
  ...(offered.row.files !== null && { files: { held: offered.row.files, all: offered.row.files } }),
  state: offered.state,
  uploaded: offered.uploadedBefore + offered.uploadedNow,
  up_rate: Math.round(offered.upBytesPerSecond),
  peers: offered.connectedPeers,
});
