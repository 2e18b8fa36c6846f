import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type ControlEvent, type Download, PeerageError, type Share } from '@peerage/contract';
import { stagingPath } from '@peerage/storage';
import type { EngineEvent, TransferSnapshot } from '../engine/engine-protocol.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { type DownloadRow, type FolderChoice, isInUse } from './download-rows.ts';
import { asFarAs, type Fetch, isInEngine, shareOf, viewOf } from './download-view.ts';
import type { Identity } from './identities.ts';
import type { Library } from './library.ts';
import type { ShareKey } from './peer-lists.ts';
import { journalOf, settleFinished } from './settle-finished.ts';
import type { ShareRow } from './share-rows.ts';

export interface FetchingPorts {
  readonly library: Library;
  readonly engine: EngineThread;
  readonly home: string;
  readonly nowMs: () => number;
  readonly tell: (event: ControlEvent) => void;
  /** The set of what is being fetched changed. */
  readonly presenceChanged: () => void;
  /** A file is whole under its final name: share it on. */
  readonly completed: (share: ShareRow) => void;
}

/**
 * What the logged-in user downloads. Always true: a row says `completed` only after the file has its final name; `running` rows are in the engine
 * while somebody is logged in, at most one a share.
 */
export class Fetching {
  readonly #ports: FetchingPorts;
  readonly #fetches = new Map<string, Fetch>();
  readonly #watchers = new Set<() => void>();
  #account: Identity | undefined;

  constructor(ports: FetchingPorts) {
    this.#ports = ports;
  }

  /** Before the user's shares are offered: what the client did not come to the end of when it ended. */
  settle(account: Identity): Promise<void> {
    return settleFinished(this.#ports.library, this.#ports.home, account.uid);
  }

  async start(account: Identity): Promise<void> {
    this.#account = account;
    for (const row of this.#ports.library.downloads.ofUser(account.uid)) {
      this.#fetches.set(row.id, { row, snapshot: undefined });
      if (isInEngine(row)) await this.#fetch(row);
    }
  }

  /** Stops everything where it is; it goes on at the next login. */
  async stop(): Promise<void> {
    const running = [...this.#fetches.values()].filter(({ row }) => isInEngine(row));
    for (const fetch of running) if (fetch.snapshot && fetch.row.state !== 'completed') this.#note(asFarAs(fetch));
    this.#fetches.clear();
    this.#account = undefined;
    this.#changed();
    await Promise.all(
      running.map(({ row }) => this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: false })),
    );
  }

  list(): Download[] {
    return [...this.#fetches.values()].map(viewOf);
  }

  /** What still lacks something. */
  running(): ShareKey[] {
    return [...this.#fetches.values()]
      .filter(({ row }) => row.state === 'running')
      .map(({ row }) => ({ gid: row.gid, infoHash: row.infoHash }));
  }

  /** What is announced: what still lacks something, and folders of which only some files were wanted. */
  inUse(): ShareKey[] {
    return [...this.#fetches.values()].map(({ row }) => row).filter(isInUse);
  }

  /** Folders of which only some files were wanted, and which are served as far as they are here. */
  served(): Share[] {
    return [...this.#fetches.values()].flatMap(({ row, snapshot }) => {
      if (row.state !== 'completed' || !row.folder?.isServed) return [];
      return {
        group: row.groupName,
        file: row.name,
        path: row.destination,
        size: row.sizeBytes,
        files: { held: row.folder.chosenFiles, all: row.folder.files },
        state: 'offered' as const,
        uploaded: snapshot?.uploadedBytes ?? 0,
        up_rate: Math.round(snapshot?.upBytesPerSecond ?? 0),
        peers: snapshot?.connected.length ?? 0,
      };
    });
  }

  isInEngine(row: DownloadRow): boolean {
    return isInEngine(row);
  }

  /** The finished download of that content to that path. */
  completedAt(infoHash: string, destination: string): DownloadRow | undefined {
    return [...this.#fetches.values()].findLast(
      ({ row }) => row.infoHash === infoHash && row.destination === destination && row.state === 'completed',
    )?.row;
  }

  /** The latest download of that content, if there is one. */
  ofContent(infoHash: string): DownloadRow | undefined {
    return [...this.#fetches.values()].findLast(({ row }) => row.infoHash === infoHash)?.row;
  }

  /** The unfinished download of that content, if there is one. */
  unfinished(infoHash: string): DownloadRow | undefined {
    return [...this.#fetches.values()].find(({ row }) => row.infoHash === infoHash && row.state !== 'completed')?.row;
  }

  /** The unfinished download to that path, however the path to its folder is written. */
  async writesTo(destination: string): Promise<DownloadRow | undefined> {
    const folder = await folderMark(destination);
    for (const { row } of [...this.#fetches.values()]) {
      if (row.state === 'completed' || basename(row.destination) !== basename(destination)) continue;
      if (row.destination === destination || (await folderMark(row.destination)) === folder) return row;
    }
    return undefined;
  }

  all(): readonly DownloadRow[] {
    return [...this.#fetches.values()].map(({ row }) => row);
  }

  /** The latest download of that name in that group, if there is one. */
  latest(group: string, file: string): DownloadRow | undefined {
    const fold = group.toLowerCase();
    return [...this.#fetches.values()].findLast(({ row }) => row.groupName.toLowerCase() === fold && row.name === file)
      ?.row;
  }

  /** The same, or the refusal. */
  find(group: string, file: string): DownloadRow {
    const found = this.latest(group, file);
    if (found) return found;
    throw new PeerageError(
      'no_such_download',
      `there is no download of '${file}' in '${group}': show_downloads lists them`,
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
      uid: this.#account!.uid,
      createdMs: this.#ports.nowMs(),
      state: 'running',
      reason: null,
      sources: [],
      doneBytes: 0,
    };
    this.#ports.library.metainfo.save(row.infoHash, info);
    this.#save(row);
    try {
      await this.#request(row, info);
    } catch (error) {
      this.#forget(row);
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
    this.#fetches.set(row.id, { row, snapshot: undefined });
    this.#save(wider);
    try {
      await this.#request(wider, info);
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      this.#save({ ...wider, state: 'failed', reason: { code: error.code, message: error.message } });
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
    this.#fetches.set(row.id, { row, snapshot: undefined });
    this.#save(running);
    try {
      await this.#request(running, this.#info(row), true);
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      this.#save({ ...running, state: 'failed', reason: { code: error.code, message: error.message } });
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
  }

  /** What there is of a folder is offered no more; its files stay, and the download's line too. */
  async withdraw(row: DownloadRow): Promise<void> {
    await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: true });
    this.#save({ ...row, folder: { ...row.folder!, isServed: false } });
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
    this.#save(saved);
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
      await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: !keepsPart });
    }
    // Without the journal the partial data is read again by the next download to that place.
    if (keepsPart) await rm(this.#journal(row), { force: true });
    this.#forget(row);
    this.#ports.library.metainfo.removeUnused();
    this.#ports.tell({ type: 'download_removed', id: row.id });
    this.#ports.presenceChanged();
    this.#changed();
    return hadPart && !existsSync(part) ? part : null;
  }

  onSnapshot(snapshot: TransferSnapshot): void {
    const fetch = this.#inEngine(snapshot.share);
    // That it failed is told by `failed`, which follows: until then it is no failed download to any command either.
    if (!fetch || snapshot.phase === 'failed') return;
    const before = viewOf(fetch).state;
    fetch.snapshot = snapshot;
    const view = viewOf(fetch);
    this.#ports.tell({ type: 'download_changed', download: view });
    if (view.state !== before) this.#changed();
  }

  onCompleted(event: Extract<EngineEvent, { type: 'completed' }>): void {
    const fetch = this.#inEngine(event.share);
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
    if (isPart) this.#note(row);
    else this.#complete(row, event.identity);
    if (!isNews) return;
    this.#ports.presenceChanged();
    this.#ports.tell({ type: 'download_completed', download: viewOf(fetch) });
    this.#changed();
  }

  #complete(row: DownloadRow, identity: string): void {
    const share = shareOf(row, identity);
    this.#ports.library.saveFinished(row, share);
    this.#remember(row);
    this.#ports.completed(share);
  }

  onFailed(event: Extract<EngineEvent, { type: 'failed' }>): void {
    const fetch = this.#inEngine(event.share);
    if (!fetch) return;
    if (fetch.row.state === 'completed') {
      // What was wanted is there, and the user's to change; only it can't be served any more.
      this.#note({ ...fetch.row, folder: { ...fetch.row.folder!, isServed: false } });
      this.#ports.tell({
        type: 'share_problem',
        group: fetch.row.groupName,
        file: fetch.row.name,
        message: event.message,
      });
      this.#ports.presenceChanged();
      return;
    }
    this.#note({ ...asFarAs(fetch), state: 'failed', reason: { code: event.code, message: event.message } });
    this.#ports.presenceChanged();
    this.#ports.tell({ type: 'download_failed', download: viewOf(fetch) });
    this.#changed();
  }

  /** Called at every change of a download's state, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #inEngine(infoHash: string): Fetch | undefined {
    return [...this.#fetches.values()].find(({ row }) => row.infoHash === infoHash && isInEngine(row));
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
      if (row.state === 'completed') this.#note({ ...row, folder: { ...row.folder!, isServed: false } });
      else this.#note({ ...row, state: 'failed', reason: { code: error.code, message: error.message } });
    }
  }

  /** Running before the engine is asked: what it tells of the new try comes before its answer. What it told of the failed one is forgotten. */
  async #fetchAgain(failed: DownloadRow): Promise<void> {
    const info = this.#info(failed);
    const running: DownloadRow = { ...failed, state: 'running', reason: null };
    this.#fetches.set(failed.id, { row: failed, snapshot: undefined });
    this.#save(running);
    try {
      await this.#request(running, info);
    } catch (error) {
      this.#save(failed);
      throw error;
    }
    this.#ports.presenceChanged();
    this.#changed();
  }

  /** A download that ended while the engine was asked stays as it ended. */
  #setState(row: DownloadRow, state: 'paused' | 'running'): void {
    if (this.#fetches.get(row.id)?.row !== row) return;
    this.#save({ ...row, state });
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

  #save(row: DownloadRow): void {
    this.#ports.library.downloads.save(row);
    this.#remember(row);
  }

  /** What happened by itself is so, also where a full disk keeps it from being saved now: at the next start the engine finds it out again. */
  #note(row: DownloadRow): void {
    this.#ports.library.downloads.saveSoon(row);
    this.#remember(row);
  }

  #remember(row: DownloadRow): void {
    const known = this.#fetches.get(row.id);
    if (known) known.row = row;
    else this.#fetches.set(row.id, { row, snapshot: undefined });
  }

  #forget(row: DownloadRow): void {
    this.#ports.library.downloads.remove(row.id);
    this.#fetches.delete(row.id);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** What tells the folder of a path, whatever links lead to it; itself where there is none. */
async function folderMark(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(dirname(path), { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return dirname(path); // nothing there to write to: the path itself has to do
  }
}
