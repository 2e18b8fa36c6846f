import type { DatabaseSync } from 'node:sqlite';
import { openDatabase, readMeta, writeMeta } from './database.ts';
import { DownloadRows } from './download-rows.ts';
import { Identities } from './identities.ts';
import { MetainfoRows } from './metainfo-rows.ts';
import { ShareRows } from './share-rows.ts';
import { TrackerKeyRows } from './tracker-key-rows.ts';

/** Everything durable of one client. */
export class Library {
  readonly #database: DatabaseSync;
  readonly identities: Identities;
  readonly shares: ShareRows;
  readonly downloads: DownloadRows;
  readonly metainfo: MetainfoRows;
  readonly trackerKeys: TrackerKeyRows;

  constructor(home: string) {
    this.#database = openDatabase(home);
    this.identities = new Identities(this.#database);
    this.shares = new ShareRows(this.#database);
    this.downloads = new DownloadRows(this.#database);
    this.metainfo = new MetainfoRows(this.#database);
    this.trackerKeys = new TrackerKeyRows(this.#database);
  }

  /** The port that the client listened on last time. */
  get rememberedPort(): number | undefined {
    const port = readMeta(this.#database, 'port');
    return port === undefined ? undefined : Number(port);
  }

  rememberPort(port: number): void {
    writeMeta(this.#database, 'port', String(port));
  }

  close(): void {
    this.#database.close();
  }
}
