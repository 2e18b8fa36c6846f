import { type ControlEvent, PeerageError, type Share } from '@peerage/contract';
import type { EngineEvent, TransferSnapshot } from '../engine/engine-protocol.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { newCommandId, type TrackerLink } from '../tracker-link/tracker-link.ts';
import type { Identity } from './identities.ts';
import { Intents, type Listed } from './intents.ts';
import type { Library } from './library.ts';
import { Offers } from './offers.ts';
import { isForLater, problemOf, removedMeanwhile } from './share-problems.ts';
import type { ShareRow } from './share-rows.ts';

export interface SharingPorts {
  readonly library: Library;
  readonly engine: EngineThread;
  readonly link: TrackerLink;
  readonly nowMs: () => number;
  readonly tell: (event: ControlEvent) => void;
  /** What was sent of a share, or to whom, is not what it was. */
  readonly moved: (share: string) => void;
  /** The set of what is offered or withheld changed. */
  readonly presenceChanged: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** What is not certain yet (a tracker lags, or lacks what another one has) is looked at again. */
const LOOK_AGAIN_MS = 5_000;
/** So much of what was uploaded may be missing in the counters after a kill -9. */
const SAVE_COUNTERS_MS = 10_000;

type SourceProblem = Extract<EngineEvent, { type: 'source_problem' }>;

/**
 * What the logged-in user shares on this device. Always true while somebody is logged in: every row of the library is in `known`; its state is `offered`
 * exactly when the engine serves it. A row is in the library before a tracker hears of it, and `acknowledged` once one has answered.
 */
export class Sharing {
  /** Everything that is shared here, as it stands. */
  readonly known = new Offers();
  readonly #ports: SharingPorts;
  readonly #intents: Intents;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  /** What is served and being asked for; another set after each login. */
  #asking = new Set<string>();
  #countersSavedMs = Number.NEGATIVE_INFINITY;

  constructor(ports: SharingPorts) {
    this.#ports = ports;
    this.#intents = new Intents(ports.link, () => performance.now());
  }

  /** Shares everything again that this user shared on this device. Resolves to the number offered and those that can't be. */
  async start(account: Identity): Promise<{ offered: number; problems: Share[] }> {
    this.#isStarted = true;
    const listed = await this.#intents.ask();
    for (const row of this.#ports.library.shares.ofUser(account.uid)) {
      if (row.acknowledged && listed?.hasEnded(row.infoHash)) this.#ended(row);
      else await this.#offer(row);
    }
    if (listed) await this.#settleIntents(account, listed);
    const all = this.known.list();
    return {
      offered: all.filter((share) => share.state === 'offered').length,
      problems: all.filter((share) => share.state !== 'offered'),
    };
  }

  /** Stops offering everything; the rows stay for the next login. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#asking = new Set();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#intents.forget();
    this.#saveCounters();
    const shares = this.known.rows().map(({ infoHash }) => infoHash);
    this.known.clear();
    await Promise.all(shares.map((share) => this.#ports.engine.request({ type: 'stop', share, discard: false })));
  }

  /**
   * A new share, or a known one with another path (which mends it). `seeding`: the engine serves it already (a finished download).
   * Resolves when a tracker has acknowledged it; what a crash cuts off before that is asked for again at the next login.
   */
  async add(row: ShareRow, info: Uint8Array, options: { seeding: boolean }): Promise<{ settled: boolean }> {
    const { library } = this.#ports;
    if (options.seeding) {
      library.shares.saveSoon({ ...row, acknowledged: false }); // its metainfo is there: it was downloaded
    } else {
      library.metainfo.save(row.infoHash, info);
      library.shares.save({ ...row, acknowledged: false });
    }
    const asking = this.#asking;
    if (options.seeding) asking.add(row.infoHash);
    const isEnded = () => options.seeding && !asking.has(row.infoHash);
    let settled: boolean;
    try {
      settled = (await this.#ask(row, info)).settled;
    } catch (error) {
      // A finished download is served already: a tracker that is back, or has caught up, is asked again. Anything else is no share.
      if (options.seeding && isForLater(error)) {
        if (asking === this.#asking && !isEnded()) this.known.note({ ...row, acknowledged: false }, 'offered');
        this.#lookAgain();
      } else library.shares.remove(row.uid, row.infoHash);
      throw error;
    }
    if (asking !== this.#asking) return { settled }; // nobody is logged in, or all is asked for anew
    if (isEnded()) return this.#stopAsked(row); // while a tracker was asked, and may have heard that first
    this.#intents.acknowledged(row.infoHash);
    const acknowledged = { ...row, acknowledged: true };
    library.shares.saveSoon(acknowledged);
    if (options.seeding) this.known.note(acknowledged, 'offered');
    else await this.#offer(acknowledged);
    this.#ports.presenceChanged();
    return { settled };
  }

  /** The tracker that had the metainfo may be gone since, and the next one not have it yet: then that is given it, too. */
  async #ask(row: ShareRow, info: Uint8Array): Promise<{ settled: boolean }> {
    const { link } = this.#ports;
    const commandId = newCommandId(); // of both tries: a refused command leaves it free
    const share = () =>
      link.call('share', {
        params: { group: row.gid },
        body: { commandId, infoHash: row.infoHash, ...(row.ifListed && { ifListed: true }) },
      });
    try {
      return await share();
    } catch (error) {
      if (!(error instanceof PeerageError && error.code === 'protocol')) throw error;
      await link.call('putMetainfo', { params: { group: row.gid, infoHash: row.infoHash }, body: info });
      return share();
    }
  }

  /** Ends a share of this device, at a tracker first: what is acknowledged as stopped stays stopped. */
  async remove(row: ShareRow): Promise<{ settled: boolean }> {
    const settled = await this.#stopAsked(row);
    await this.#drop(row);
    return settled;
  }

  async #stopAsked({ gid: group, infoHash }: ShareRow): Promise<{ settled: boolean }> {
    const { settled } = await this.#ports.link.call('stopShare', {
      params: { group, infoHash },
      body: { commandId: newCommandId() },
    });
    return { settled };
  }

  /** The group's catalogue changed, or our standing in it: stop what is listed no more. */
  async reconcile(): Promise<void> {
    const listed = await this.#intents.ask();
    if (!listed) return;
    for (const { row } of this.known.all()) {
      if (!row.acknowledged || listed.has(row.infoHash)) continue;
      if (listed.hasEnded(row.infoHash)) {
        this.#ended(row);
        await this.#drop(row);
      } else this.#lookAgain();
    }
    await this.#retryUnacknowledged();
  }

  /** A finished download is a share of this device from now on, where the group still lists it; the engine serves it already. */
  async addFinished(row: ShareRow, info: Uint8Array): Promise<void> {
    try {
      await this.add(row, info, { seeding: true });
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      if (!isForLater(error)) await this.#isNoShare(row, error);
    }
  }

  onSourceProblem(event: SourceProblem): void {
    const offered = this.known.get(event.share);
    if (!offered) return;
    offered.state = event.problem;
    this.#tellProblem(offered.row, event.message);
    this.#ports.presenceChanged();
  }

  /** The source is what was shared (again): offered from now on, and with its new identity the next start need not read it. */
  onSourceVerified(infoHash: string, identity: string): void {
    const offered = this.known.get(infoHash);
    if (!offered) return;
    offered.row = { ...offered.row, identity };
    offered.state = 'offered';
    this.#ports.library.shares.saveSoon(offered.row);
    this.#ports.presenceChanged();
  }

  onSnapshot(snapshot: TransferSnapshot): void {
    const offered = this.known.get(snapshot.share);
    if (!offered) return;
    const { uploadedBytes, upBytesPerSecond } = snapshot;
    const connectedPeers = snapshot.connected.length;
    const hasSent = offered.uploadedNow !== uploadedBytes;
    if (hasSent || offered.upBytesPerSecond !== upBytesPerSecond || offered.connectedPeers !== connectedPeers)
      this.#ports.moved(snapshot.share);
    Object.assign(offered, { uploadedNow: uploadedBytes, upBytesPerSecond, connectedPeers });
    if (!hasSent) return;
    if (this.#ports.nowMs() - this.#countersSavedMs >= SAVE_COUNTERS_MS) this.#saveCounters();
  }

  /** After a crash: rows that no tracker acknowledged are asked for again; intents without a row are turned off. */
  async #settleIntents(account: Identity, { intents }: Listed): Promise<void> {
    await this.#retryUnacknowledged();
    for (const { infoHash, group } of intents) {
      if (this.#ports.library.shares.find(account.uid, infoHash)) continue;
      await this.#ports.link.call('stopShare', { params: { group, infoHash }, body: { commandId: newCommandId() } });
    }
  }

  async #retryUnacknowledged(): Promise<void> {
    for (const { row } of this.known.all()) {
      if (row.acknowledged) continue;
      const info = this.#ports.library.metainfo.get(row.infoHash);
      if (!info) continue;
      try {
        // What is listed has its metainfo at some tracker.
        if (!row.ifListed) {
          const params = { group: row.gid, infoHash: row.infoHash };
          await this.#ports.link.call('putMetainfo', { params, body: info });
        }
        await this.add(row, info, { seeding: this.known.isOffered(row.infoHash) });
      } catch (error) {
        if (!(error instanceof PeerageError) || error.code === 'tracker_unreachable') throw error;
        if (!isForLater(error)) await this.#isNoShare(row, error);
      }
    }
  }

  async #isNoShare(row: ShareRow, error: PeerageError): Promise<void> {
    const message = row.ifListed && error.code === 'no_such_file' ? removedMeanwhile(row) : error.message;
    this.#tellProblem(row, message);
    await this.#drop(row);
  }

  #lookAgain(): void {
    if (!this.#isStarted) return; // somebody logged out meanwhile
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.reconcile().catch((error: unknown) => {
        this.#lookAgain();
        if (!isForLater(error)) this.#ports.onFailure(error);
      });
    }, LOOK_AGAIN_MS);
  }

  /** One share that can't be offered, for whatever reason, keeps nobody from the others. */
  async #offer(row: ShareRow): Promise<void> {
    const info = this.#ports.library.metainfo.get(row.infoHash);
    this.known.note(row, 'offered');
    try {
      if (!info) throw new PeerageError('internal', `the library lost the metainfo of '${row.name}': upload it again`);
      await this.#ports.engine.request({
        type: 'seed',
        share: row.infoHash,
        info,
        path: row.path,
        identity: row.identity,
      });
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      this.known.note(row, problemOf(error.code));
      this.#tellProblem(row, error.message);
    }
  }

  #ended(row: ShareRow): void {
    this.#ports.library.shares.remove(row.uid, row.infoHash);
    this.#tellProblem(row, `'${row.name}' is no longer listed in '${row.groupName}': this device stopped sharing it`);
  }

  async #drop(row: ShareRow): Promise<void> {
    this.#ports.library.shares.remove(row.uid, row.infoHash);
    this.known.remove(row.infoHash);
    this.#asking.delete(row.infoHash);
    // Where its source is gone, what the engine has of it may be a download, which goes on.
    await this.#ports.engine.request({ type: 'stop', share: row.infoHash, discard: false, only: 'source' });
    this.#ports.library.metainfo.removeUnused();
    this.#ports.presenceChanged();
  }

  #tellProblem(row: ShareRow, message: string): void {
    this.#ports.tell({ type: 'share_problem', group: row.groupName, file: row.name, message });
  }

  #saveCounters(): void {
    this.#countersSavedMs = this.#ports.nowMs();
    const changed = this.known
      .all()
      .filter(({ row, uploadedBefore, uploadedNow }) => uploadedBefore + uploadedNow > row.uploadedBytes);
    for (const offered of changed) {
      offered.row = { ...offered.row, uploadedBytes: offered.uploadedBefore + offered.uploadedNow };
    }
    this.#ports.library.shares.setUploaded(changed.map(({ row }) => row));
  }
}
