import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { BlobFiles } from '../blobs/blob-files.ts';
import { keepBlob } from '../blobs/keep-blob.ts';
import { keyParts } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';
import type { Writer } from '../store/writer.ts';

const TRY_AGAIN_MS = 2_000;

export interface BlobFetcherParts {
  readonly writer: Writer;
  readonly blobs: BlobFiles;
  /** Asks one of the other trackers; rejects where it can't have it. */
  readonly fetch: (tracker: number, gid: string, infoHash: string) => Promise<Buffer>;
  readonly others: readonly number[];
  readonly log: Logger;
}

/**
 * Fetches the metainfo of what other trackers listed. Always true: one is fetched at a time; what could not be fetched is tried again while it is listed; only
 * what has the right SHA-1, form and group is kept.
 */
export class BlobFetcher {
  readonly #parts: BlobFetcherParts;
  readonly #wanted = new Map<string, { readonly gid: string; readonly infoHash: string }>();
  #fetching: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: BlobFetcherParts) {
    this.#parts = parts;
  }

  /** Looks what is missing, from earlier runs too. */
  async begin(): Promise<void> {
    for (const place of await this.#parts.writer.run('missingBlobs', {})) this.#want(place);
  }

  rowsChanged(puts: readonly Put[]): void {
    for (const { entity, key, value } of puts) {
      if (entity !== 'content' || value === null) continue;
      const [gid = '', infoHash = ''] = keyParts(key);
      this.#want({ gid, infoHash });
    }
  }

  /** Fetches one now; whether it is here. */
  async fetch(gid: string, infoHash: string): Promise<boolean> {
    for (const tracker of this.#parts.others) {
      try {
        const bytes = await this.#parts.fetch(tracker, gid, infoHash);
        const received = await this.#parts.blobs.receive(Readable.from([bytes]), gid, infoHash);
        try {
          await keepBlob(this.#parts, received, { gid, infoHash }, async () => undefined);
        } finally {
          await this.#parts.blobs.discard(received);
        }
        return true;
      } catch (error) {
        this.#parts.log.debug({ err: error, tracker, gid, infoHash }, 'metainfo could not be fetched');
      }
    }
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#fetching;
  }

  #want(place: { readonly gid: string; readonly infoHash: string }): void {
    this.#wanted.set(`${place.gid}/${place.infoHash}`, place);
    if (this.#closed || this.#fetching || this.#timer) return;
    this.#fetching = this.#fetchWanted().finally(() => {
      this.#fetching = undefined;
      if (this.#wanted.size > 0 && !this.#closed) this.#timer = setTimeout(() => this.#tryAgain(), TRY_AGAIN_MS);
    });
  }

  #tryAgain(): void {
    this.#timer = undefined;
    const [first] = this.#wanted.values();
    if (first) this.#want(first);
  }

  async #fetchWanted(): Promise<void> {
    for (const [key, place] of [...this.#wanted]) {
      if (this.#closed) return;
      try {
        const isWanted = await this.#parts.writer.run('lacksBlob', place);
        if (!isWanted || (await this.fetch(place.gid, place.infoHash))) this.#wanted.delete(key);
      } catch (error) {
        if (!this.#closed) this.#parts.log.error({ err: error }, 'missing metainfo could not be looked up');
        return;
      }
    }
  }
}
