import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PeerageError } from '@peerage/contract';
import { stagingPath } from '@peerage/storage';
import type { EngineThread } from '../engine/engine-thread.ts';
import { type DownloadRow, type FolderChoice, isInUse } from './download-rows.ts';
import { asFarAs, isInEngine } from './download-view.ts';
import { FetchNews, type NewsPorts } from './fetch-news.ts';
import { Fetches } from './fetches.ts';
import type { Identity } from './identities.ts';
import { journalOf, settleFinished } from './settle-finished.ts';

export interface FetchingPorts extends NewsPorts {
  readonly engine: EngineThread;
  readonly home: string;
  readonly nowMs: () => number;
}

/**
 * What the logged-in user downloads. Always true: a row says `completed` only after the file has its final name; `running` rows are in the engine
 * while somebody is logged in, at most one a share.
 */
export class Fetching {
  /** The downloads as they stand. */
  readonly known: Fetches;
  /** Hears what becomes of them in the engine. */
  readonly news: FetchNews;
  readonly #ports: FetchingPorts;
  readonly #watchers = new Set<() => void>();
  #account: Identity | undefined;

  constructor(ports: FetchingPorts) {
    this.#ports = ports;
    this.known = new Fetches(ports.library);
    this.news = new FetchNews(ports, this.known, () => this.#changed());
  }

  /** Before the user's shares are offered: what the client did not come to the end of when it ended. */
  settle(account: Identity): Promise<void> {
    return settleFinished(this.#ports.library, this.#ports.home, account.uid);
  }

  /** What the user downloads is known. */
  get isStarted(): boolean {
    return this.#account !== undefined;
  }

  async start(account: Identity): Promise<void> {
    this.#account = account;
    const rows = this.known.load(account.uid);
    this.#changed();
    for (const row of rows) if (isInEngine(row)) await this.#fetch(row);
  }

  /** Stops everything where it is; it goes on at the next login. */
  async stop(): Promise<void> {
    const running = this.known.allInEngine();
    for (const fetch of running) if (fetch.snapshot && fetch.row.state !== 'completed') this.known.note(asFarAs(fetch));
    this.known.clear();
    this.#account = undefined;
    this.#changed();
    await Promise.all(
      running.map(({ row }) => this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: false })),
    );
  }

  /** Durable first, then in the engine: a download that was answered survives anything. */
  async add(
    wanted: Omit<DownloadRow, 'id' | 'uid' | 'createdMs' | 'state' | 'reason' | 'sources' | 'doneBytes'>,
    info: Uint8Array,
  ): Promise<DownloadRow> {
    const row: DownloadRow = {
      ...wanted,
      id: randomUUID(),
      uid: this.#account!.uid, // in a transfer's turn, where nobody logs out
      createdMs: this.#ports.nowMs(),
      state: 'running',
      reason: null,
      sources: [],
      doneBytes: 0,
    };
    this.#ports.library.metainfo.save(row.infoHash, info);
    this.known.save(row);
    try {
      await this.#request(row, info);
    } catch (error) {
      this.known.forget(row);
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
    return row;
  }

  /** More of a folder is wanted than before. What is there stays; it goes on with the rest. */
  async extend(row: DownloadRow, sizeBytes: number, folder: FolderChoice): Promise<DownloadRow> {
    const info = this.#info(row);
    if (isInEngine(row)) {
      await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: false });
    }
    const wider: DownloadRow = { ...row, sizeBytes, folder, state: 'running', reason: null };
    this.known.startOver(row);
    this.known.save(wider);
    try {
      await this.#request(wider, info);
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      this.known.save({ ...wider, state: 'failed', reason: { code: error.code, message: error.message } });
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
    return wider;
  }

  /** A finished download whose file was damaged by its disk: what is wrong is fetched again. */
  async repair(row: DownloadRow): Promise<void> {
    await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: false });
    const running: DownloadRow = { ...row, state: 'running', reason: null };
    this.known.startOver(row);
    this.known.save(running);
    try {
      await this.#request(running, this.#info(row), true);
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      this.known.save({ ...running, state: 'failed', reason: { code: error.code, message: error.message } });
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
  }

  /** What there is of a folder is offered no more; its files stay, and the download's line too. */
  async withdraw(row: DownloadRow): Promise<void> {
    await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: true });
    this.known.save({ ...row, folder: { ...row.folder!, isServed: false } });
    this.#ports.presenceChanged();
  }

  /** A download that needed no engine (the content is on this device already). */
  addCompleted(row: Omit<DownloadRow, 'id' | 'uid' | 'createdMs' | 'doneBytes'>): DownloadRow {
    const saved = {
      ...row,
      id: randomUUID(),
      uid: this.#account!.uid,
      createdMs: this.#ports.nowMs(),
      doneBytes: row.sizeBytes,
    };
    this.known.save(saved);
    this.#changed();
    return saved;
  }

  async pause(row: DownloadRow): Promise<void> {
    if (row.state !== 'running') return;
    await this.#ports.engine.request({ type: 'pause', share: row.infoHash });
    this.#setState(row, 'paused');
  }

  async resume(row: DownloadRow): Promise<void> {
    if (row.state === 'failed') return this.#fetchAgain(row);
    if (row.state !== 'paused') return;
    await this.#ports.engine.request({ type: 'resume', share: row.infoHash });
    this.#setState(row, 'running');
  }

  /**
   * Ends an unfinished download and removes its partial data, unless that is kept; of a finished one only the line goes. Resolves to what was removed.
   */
  async cancel(row: DownloadRow, { keepsPart = false } = {}): Promise<string | null> {
    const part = row.folder ? stagingPath(row.destination, row.infoHash) : `${row.destination}.part`;
    const hadPart = row.state !== 'completed' && existsSync(part);
    if (row.state === 'failed' && !keepsPart) await this.#openAgain(row);
    if (row.state !== 'completed' || isInUse(row)) {
      // What became complete in this moment is a share, which goes on as one.
      const discard = !keepsPart;
      await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard, only: 'download' });
    }
    // Without the journal the partial data is read again by the next download to that place.
    if (keepsPart) await rm(this.#journal(row), { force: true });
    this.known.forget(row);
    this.#ports.library.metainfo.removeUnused();
    this.#ports.tell({ type: 'download_removed', id: row.id });
    this.#ports.presenceChanged();
    this.#changed();
    return hadPart && !existsSync(part) ? part : null;
  }

  /** Called at every change of a download's state, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** A failed download is not in the engine after a restart: only what opens its files can tell which of them are its own to remove. */
  async #openAgain(row: DownloadRow): Promise<void> {
    try {
      await this.#request({ ...row, state: 'paused' }, this.#info(row));
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error; // it can't be opened: nothing there is known to be its own
    }
  }

  async #fetch(row: DownloadRow): Promise<void> {
    try {
      await this.#request(row, this.#info(row));
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      if (row.state === 'completed') this.known.note({ ...row, folder: { ...row.folder!, isServed: false } });
      else this.known.note({ ...row, state: 'failed', reason: { code: error.code, message: error.message } });
    }
  }

  /** Running before the engine is asked: what it tells of the new try comes before its answer. What it told of the failed one is forgotten. */
  async #fetchAgain(failed: DownloadRow): Promise<void> {
    const info = this.#info(failed);
    const running: DownloadRow = { ...failed, state: 'running', reason: null };
    this.known.startOver(failed);
    this.known.save(running);
    try {
      await this.#request(running, info);
    } catch (error) {
      this.known.save(failed);
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
  }

  /** A download that ended while the engine was asked stays as it ended. */
  #setState(row: DownloadRow, state: 'paused' | 'running'): void {
    if (!this.known.isStill(row)) return;
    this.known.save({ ...row, state });
    this.#ports.presenceChanged();
    this.#changed();
  }

  #request(row: DownloadRow, info: Uint8Array, repair = false): Promise<unknown> {
    return this.#ports.engine.request({
      type: 'fetch',
      share: row.infoHash,
      info,
      destination: row.destination,
      journal: this.#journal(row),
      paused: row.state === 'paused',
      ...(row.folder?.only && { only: row.folder.only }),
      ...(repair && { repair }),
    });
  }

  #journal = (row: DownloadRow): string => journalOf(this.#ports.home, row);

  #info(row: DownloadRow): Uint8Array {
    const info = this.#ports.library.metainfo.get(row.infoHash);
    if (!info) throw new PeerageError('internal', `the metainfo of '${row.name}' is missing in the library`);
    return info;
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
