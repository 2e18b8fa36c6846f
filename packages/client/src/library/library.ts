import type { DatabaseSync } from 'node:sqlite';
import { openDatabase, readMeta, together, writeMeta } from './database.ts';
import { type DownloadRow, DownloadRows } from './download-rows.ts';
import { Identities } from './identities.ts';
import { MetainfoRows } from './metainfo-rows.ts';
import { OrderedWrites } from './ordered-writes.ts';
import { RevocationRows } from './revocation-rows.ts';
import { type ShareRow, ShareRows } from './share-rows.ts';
import { TrackerKeyRows } from './tracker-key-rows.ts';

/** Everything durable of one client. */
export class Library {
  readonly #database: DatabaseSync;
  readonly #writes: OrderedWrites;
  readonly identities: Identities;
  readonly shares: ShareRows;
  readonly downloads: DownloadRows;
  readonly metainfo: MetainfoRows;
  readonly trackerKeys: TrackerKeyRows;
  readonly revocations: RevocationRows;

  constructor(home: string) {
    this.#writes = new OrderedWrites(home);
    this.#database = this.#writes.now(() => openDatabase(home));
    this.identities = new Identities(this.#database, this.#writes);
    this.shares = new ShareRows(this.#database, this.#writes);
    this.downloads = new DownloadRows(this.#database, this.#writes);
    this.metainfo = new MetainfoRows(this.#database, this.#writes);
    this.trackerKeys = new TrackerKeyRows(this.#database, this.#writes);
    this.revocations = new RevocationRows(this.#database, this.#writes);
  }

  /** The port that the client listened on last time. */
  get rememberedPort(): number | undefined {
    const port = readMeta(this.#database, 'port');
    return port === undefined ? undefined : Number(port);
  }

  rememberPort(port: number): void {
    if (port !== this.rememberedPort) this.#writes.now(() => writeMeta(this.#database, 'port', String(port)));
  }

  /** The invitation that is to be followed at the next login. */
  get openInvitation(): string | undefined {
    return readMeta(this.#database, 'invitation') || undefined;
  }

  set openInvitation(line: string | undefined) {
    this.#writes.now(() => writeMeta(this.#database, 'invitation', line ?? ''));
  }

  /** What may be sent and received, as limits.ts wrote it. */
  get limits(): string | undefined {
    return readMeta(this.#database, 'limits');
  }

  set limits(text: string) {
    this.#writes.now(() => writeMeta(this.#database, 'limits', text));
  }

  /** A download that is finished and shared from now on: both are noted, or neither, so that no start finds half of it. */
  saveFinished(download: DownloadRow, share: ShareRow): void {
    this.#writes.soon(() =>
      together(this.#database, () => {
        this.shares.write(share);
        this.downloads.write(download);
      }),
    );
  }

  close(): void {
    this.#writes.close();
    this.#database.close();
  }
}
