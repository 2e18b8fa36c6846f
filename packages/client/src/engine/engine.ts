import { type InfoHash, parseInfoHash } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract/bare';
import { readShare } from '../metainfo/read-share.ts';
import type { MakeLinks } from '../net/links.ts';
import { BufferPool } from '../runtime/buffer-pool.ts';
import { PieceCache } from '../runtime/piece-cache.ts';
import { Turns } from '../turns.ts';
import { Connections } from './connections.ts';
import { Download } from './download.ts';
import type { EngineEvent, EngineRequest, EngineValue } from './engine-protocol.ts';
import { Share } from './share.ts';
import { ShareLimits } from './share-limits.ts';
import { type OpenFetch, openFetchOnDisk, type SharePorts } from './share-ports.ts';
import { SnapshotFeed } from './snapshot-feed.ts';
import { Source } from './source.ts';

/** 12 MiB of pieces on their way in, 16 MiB of pieces being served, however many shares there are. */
const RECEIVE_BUFFERS = 24;
const SERVE_BUFFERS = 32;
/** Of all sources together, so many a second are looked at while nobody asks for them; one that is served is looked at all the same. */
const LOOKS_A_SECOND = 200;
const SHORTEST_LOOK_MS = 1000;

export interface EngineOptions {
  readonly onEvent: (event: EngineEvent) => void;
  /** The product's: `certifiedLinks`. */
  readonly links: MakeLinks;
  readonly openFetch?: OpenFetch;
  readonly sourceWatchMs?: number;
}

/** What is done for one share, in turn. */
type ShareRequest = Exclude<
  Extract<EngineRequest, { readonly share: string }>,
  { type: 'inspect' | 'limit' | 'facts' | 'end_verify' }
>;

/**
 * The piece engine of one client: requests in, events out, plain data both ways.
 *
 * Always true: requests about one share are handled one after another; for a share that is not in `#shares` nobody is connected (connections.ts).
 */
export class Engine {
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #shares = new Map<InfoHash, Share>();
  readonly #connections: Connections;
  readonly #ports: SharePorts;
  readonly #feed: SnapshotFeed;
  readonly #turns = new Turns<InfoHash>();
  readonly #limits = new ShareLimits();
  #wasReached = false;

  constructor(options: EngineOptions) {
    this.#onEvent = options.onEvent;
    const nowMs = () => performance.now();
    this.#connections = new Connections({
      links: options.links,
      nowMs,
      seatOf: (share) => this.#shares.get(share)?.seat,
      onEvent: (event) => this.#onEvent(event),
    });
    this.#feed = new SnapshotFeed(
      () => this.#shares.values(),
      (transfers) => this.#onEvent({ type: 'snapshots', transfers }),
    );
    this.#ports = {
      nowMs,
      pool: new BufferPool(RECEIVE_BUFFERS),
      cache: new PieceCache(SERVE_BUFFERS),
      limits: (share) => this.#limits.of(share),
      dialer: this.#connections.dialer,
      openFetch: options.openFetch ?? openFetchOnDisk,
      sourceWatchMs: () =>
        options.sourceWatchMs ?? Math.max(SHORTEST_LOOK_MS, (this.#shares.size * 1000) / LOOKS_A_SECOND),
      self: () => this.#connections.self,
      reaches: (group) => this.#connections.reaches(group),
      emit: (event) => this.#onEvent(event),
      dealBuffers: () => this.#dealBuffers(),
      wakeSnapshots: () => this.#feed.wake(),
      reached: () => this.#reached(),
    };
  }

  #reached(): void {
    if (this.#wasReached) return;
    this.#wasReached = true;
    this.#onEvent({ type: 'reached' });
  }

  /** Rejects with PeerageError. */
  async handle(request: EngineRequest): Promise<EngineValue> {
    switch (request.type) {
      case 'listen':
        return this.#connections.listen(request.host, request.port);
      case 'identify':
        this.#connections.identify(request.self);
        for (const share of this.#shares.values()) share.dial();
        return null;
      case 'membership':
        this.#connections.memberships?.set(request.membership);
        for (const share of this.#shares.values()) if (share.info.group === request.membership.group) share.dial();
        return null;
      case 'membership_ended':
        this.#connections.memberships?.drop(request.group);
        for (const share of this.#shares.values()) if (share.info.group === request.group) share.dial();
        return null;
      case 'issuers_retired':
        this.#connections.memberships?.retire(request.retired);
        return null;
      case 'revoked':
        this.#connections.revoke(request.revoked);
        return null;
      case 'inspect': {
        // Not in turn: it looks and changes nothing.
        const id = parseInfoHash(request.share);
        return (id === undefined ? undefined : this.#shares.get(id)?.inspect()) ?? null;
      }
      case 'limit':
        this.#limits.set(request, this.#ports.nowMs());
        for (const share of this.#shares.values()) share.runner?.limitsChanged();
        return null;
      case 'shutdown':
        await this.#shutdown();
        return null;
      default: {
        const id = parseInfoHash(request.share);
        if (id === undefined)
          throw new PeerageError('protocol', 'a share is named by the 40 hex digits of its info-hash');
        if (request.type === 'end_verify' || (request.type === 'stop' && this.#isMeant(id, request.only))) {
          this.#shares.get(id)?.content?.endVerify();
        }
        if (request.type === 'end_verify') return null;
        if (request.type === 'facts') return this.#shares.get(id)?.facts() ?? null; // also while something else is under way
        return this.#turns.take(id, () => this.#onShare(id, request));
      }
    }
  }

  async #onShare(id: InfoHash, request: ShareRequest): Promise<EngineValue> {
    const share = this.#shares.get(id);
    switch (request.type) {
      case 'seed':
        await this.#seed(id, request);
        return null;
      case 'fetch':
        await this.#fetch(id, request);
        return null;
      case 'verify':
        if (share?.content === undefined) throw new PeerageError('no_such_file', 'that share is not in use here');
        return share.content.verify();
      case 'pause':
        share?.content?.pause();
        return null;
      case 'resume':
        await share?.content?.resume();
        return null;
      case 'stop':
        if (this.#isMeant(id, request.only)) await this.#stop(id, request.discard);
        return null;
      case 'peers':
        share?.setPeers(request.peers);
        return null;
    }
  }

  async #seed(id: InfoHash, request: Extract<EngineRequest, { type: 'seed' }>): Promise<void> {
    const info = await readShare(id, request.info, null);
    const before = this.#shares.get(id);
    if (before?.content instanceof Download && before.phase !== 'failed') {
      throw new PeerageError(
        'download_exists',
        `'${info.name}' is being downloaded here: wait for its end, or cancel it`,
      );
    }
    await this.#stop(id, false);
    const share = new Share(this.#ports, id, info);
    this.#shares.set(id, share);
    const source = await Source.open(this.#ports, share, request).catch((error: unknown) => {
      this.#shares.delete(id);
      throw error;
    });
    share.content = source;
    if (source.refusal) throw source.refusal;
  }

  async #fetch(id: InfoHash, request: Extract<EngineRequest, { type: 'fetch' }>): Promise<void> {
    const info = await readShare(id, request.info, request.only ?? null);
    const before = this.#shares.get(id);
    if (before !== undefined && before.phase !== 'failed') {
      throw new PeerageError('download_exists', `'${info.name}' is being downloaded or shared here already`);
    }
    await this.#stop(id, false);
    const share = new Share(this.#ports, id, info);
    const download = new Download(this.#ports, share, info, request);
    share.content = download;
    this.#shares.set(id, share);
    try {
      await download.open();
    } catch (error) {
      this.#shares.delete(id);
      throw error;
    }
  }

  #isMeant(id: InfoHash, only: 'download' | 'source' | undefined): boolean {
    return only === undefined || this.#shares.get(id)?.content instanceof Source === (only === 'source');
  }

  async #stop(id: InfoHash, discard: boolean): Promise<void> {
    const share = this.#shares.get(id);
    if (share === undefined) return;
    this.#shares.delete(id);
    await share.stopSwarm('the share is stopped');
    await share.content?.close(discard);
    // A download that was just opening may have started its swarm meanwhile.
    await share.stopSwarm('the share is stopped');
  }

  /** The pool is shared among those who can make use of it; who has nobody to fetch from gives back what nobody works on. */
  #dealBuffers(): void {
    const all = [...this.#shares.values()];
    const active = all.filter((share) => share.wantsBuffers);
    const pieces = Math.max(1, Math.floor(RECEIVE_BUFFERS / Math.max(1, active.length)));
    for (const share of all) {
      if (share.wantsBuffers) share.runner?.tell({ type: 'buffer_budget', pieces });
      else if (active.length > 0) share.runner?.tell({ type: 'buffer_budget', pieces: 0 });
    }
  }

  async #shutdown(): Promise<void> {
    const ended = this.#connections.end();
    for (const share of this.#shares.values()) share.content?.endVerify();
    await Promise.all([...this.#shares.keys()].map((id) => this.#turns.take(id, () => this.#stop(id, false))));
    await ended;
    this.#connections.close();
    this.#feed.close();
  }
}
