import { randomBytes } from 'node:crypto';
import { type InfoHash, parseInfoHash } from '@peerage/bittorrent';
import { PeerageError, type SignedRevocation } from '@peerage/contract/bare';
import { readShare } from '../metainfo/read-share.ts';
import { Dialer } from '../net/dialer.ts';
import type { Links, MakeLinks } from '../net/links.ts';
import { Listener } from '../net/listener.ts';
import type { RefusedConnection } from '../net/mutual-tls.ts';
import { PeerConnection, type RevocationExchange } from '../net/peer-connection.ts';
import type { ByteConnection, Member } from '../net/transport.ts';
import { BufferPool } from '../runtime/buffer-pool.ts';
import { PieceCache } from '../runtime/piece-cache.ts';
import { Download } from './download.ts';
import type { EngineEvent, EngineRequest, EngineValue } from './engine-protocol.ts';
import { listenFailure } from './listen-failure.ts';
import { Share } from './share.ts';
import { ShareLimits } from './share-limits.ts';
import { type OpenFetch, openFetchOnDisk, type SharePorts } from './share-ports.ts';
import { SnapshotFeed } from './snapshot-feed.ts';
import { Source } from './source.ts';

/** 12 MiB of pieces on their way in, 16 MiB of pieces being served, however many shares there are. */
const RECEIVE_BUFFERS = 24;
const SERVE_BUFFERS = 32;
const WATCH_MS = 10_000;
/** Of all sources together, so many a second are looked at while nobody asks for them; one that is served is looked at all the same. */
const LOOKS_A_SECOND = 200;
const SHORTEST_LOOK_MS = 1000;
const MAX_REFUSALS_TOLD_A_SECOND = 10;

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
 * Always true: without an identity there is no connection and none is made; a connection is for one share that is in `#shares`; requests
 * about one share are handled one after another.
 */
export class Engine {
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #links: Links;
  readonly #shares = new Map<InfoHash, Share>();
  readonly #connections = new Set<PeerConnection>();
  readonly #dialer: Dialer;
  readonly #ports: SharePorts;
  readonly #feed: SnapshotFeed;
  readonly #watch: NodeJS.Timeout;
  readonly #turns = new Map<InfoHash, Promise<unknown>>();
  readonly #exchange: RevocationExchange = {
    known: () => this.#links.memberships?.revocations ?? [],
    heard: (from, rows) => this.#heard(from, rows),
  };
  readonly #limits = new ShareLimits();
  #listener: Listener | undefined;
  #refusalsTold = { secondMs: 0, count: 0, untold: 0 };
  #self: Member | null = null;
  #peerId = newPeerId();
  #lastKey = 0;
  #wasReached = false;

  constructor(options: EngineOptions) {
    this.#onEvent = options.onEvent;
    this.#links = options.links((told) => this.#refused(told));
    const nowMs = () => performance.now();
    this.#dialer = new Dialer({
      transport: this.#links.transport,
      nowMs,
      onDialed: (share, device, bytes, settled) => this.#onDialed(share, device, bytes, settled),
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
      dialer: this.#dialer,
      openFetch: options.openFetch ?? openFetchOnDisk,
      sourceWatchMs: () =>
        options.sourceWatchMs ?? Math.max(SHORTEST_LOOK_MS, (this.#shares.size * 1000) / LOOKS_A_SECOND),
      self: () => this.#self,
      reaches: (group) => this.#links.transport.reaches(group),
      emit: (event) => this.#onEvent(event),
      dealBuffers: () => this.#dealBuffers(),
      wakeSnapshots: () => this.#feed.wake(),
      reached: () => this.#reached(),
    };
    this.#watch = setInterval(() => {
      for (const connection of this.#connections) connection.watch();
    }, WATCH_MS);
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
        return this.#listen(request.host, request.port);
      case 'identify':
        this.#identify(request.self);
        return null;
      case 'membership':
        this.#links.memberships?.set(request.membership);
        for (const share of this.#shares.values()) if (share.info.group === request.membership.group) share.dial();
        return null;
      case 'membership_ended':
        this.#links.memberships?.drop(request.group);
        for (const share of this.#shares.values()) if (share.info.group === request.group) share.dial();
        return null;
      case 'issuers_retired':
        this.#links.memberships?.retire(request.retired);
        return null;
      case 'revoked':
        this.#passOn(this.#links.memberships?.revoke(request.revoked) ?? []);
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
        if (request.type === 'stop' || request.type === 'end_verify') this.#shares.get(id)?.content?.endVerify();
        if (request.type === 'end_verify') return null;
        if (request.type === 'facts') return this.#shares.get(id)?.facts() ?? null; // also while something else is under way
        return this.#inTurn(id, () => this.#onShare(id, request));
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
        await this.#stop(id, request.discard);
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

  async #stop(id: InfoHash, discard: boolean): Promise<void> {
    const share = this.#shares.get(id);
    if (share === undefined) return;
    this.#shares.delete(id);
    await share.stopSwarm('the share is stopped');
    await share.content?.close(discard);
    // A download that was just opening may have started its swarm meanwhile.
    await share.stopSwarm('the share is stopped');
  }

  async #listen(host: string, port: number): Promise<EngineValue> {
    const before = this.#listener;
    this.#listener = undefined;
    await before?.close();
    try {
      const listener: Listener = await Listener.open({
        transport: this.#links.transport,
        host,
        port,
        onConnection: (bytes, settled) => this.#onAccepted(bytes, settled),
      });
      this.#listener = listener;
      return { host: listener.address.host, port: listener.address.port };
    } catch (error) {
      throw listenFailure(error, host, port);
    }
  }

  #identify(self: Member | null): void {
    this.#self = self;
    this.#links.memberships?.clear();
    this.#peerId = newPeerId();
    for (const connection of [...this.#connections]) connection.close('somebody else is logged in, or nobody');
    for (const share of this.#shares.values()) share.dial();
  }

  #onAccepted(bytes: ByteConnection, settled: () => void): void {
    if (this.#self === null) {
      bytes.close();
      settled();
      return;
    }
    this.#connect(
      bytes,
      { dialed: false, seatOf: (infoHash) => this.#shares.get(infoHash)?.seat },
      this.#self,
      settled,
    );
  }

  #onDialed(id: InfoHash, device: string, bytes: ByteConnection, settled: (joined: boolean) => void): void {
    const seat = this.#shares.get(id)?.seat;
    if (seat === undefined || this.#self === null) {
      bytes.close();
      settled(true);
      return;
    }
    this.#connect(bytes, { dialed: true, seat, device }, this.#self, settled);
  }

  #connect(
    bytes: ByteConnection,
    role: ConstructorParameters<typeof PeerConnection>[0]['role'],
    self: Member,
    settled: (joined: boolean) => void,
  ): void {
    const connection: PeerConnection = new PeerConnection({
      key: ++this.#lastKey,
      bytes,
      role,
      revocations: this.#exchange,
      identity: { self, peerId: this.#peerId, listenPort: this.#listener?.address.port },
      nowMs: this.#ports.nowMs,
      onJoined: () => settled(true),
      onEnd: (end) => {
        this.#connections.delete(connection);
        if (!end.joined) settled(false);
        if (end.refusal !== undefined) {
          this.#refused({ code: end.refusal, message: end.reason, host: bytes.remote.host });
        }
      },
    });
    this.#connections.add(connection);
  }

  /** What a peer says counts for us as a tracker's word does, where a tracker signed it; the main thread keeps it and hands it up. */
  #heard(from: PeerConnection, rows: Uint8Array): void {
    const added = this.#links.memberships?.hear(from.member.device, rows) ?? [];
    if (added.length === 0) return;
    this.#onEvent({ type: 'revocations', revoked: added });
    this.#passOn(added, from);
  }

  #passOn(revocations: readonly SignedRevocation[], but?: PeerConnection): void {
    if (revocations.length === 0) return;
    for (const connection of this.#connections) if (connection !== but) connection.sendRevocations(revocations);
  }

  /** A flood of refusals must not become a flood of events. */
  #refused(refused: RefusedConnection): void {
    const secondMs = Math.floor(performance.now() / 1000) * 1000;
    if (this.#refusalsTold.secondMs !== secondMs) this.#refusalsTold = { ...this.#refusalsTold, secondMs, count: 0 };
    const told = this.#refusalsTold;
    if (told.count >= MAX_REFUSALS_TOLD_A_SECOND) {
      told.untold++;
      return;
    }
    this.#onEvent({ type: 'refused', untold: told.untold, ...refused });
    told.count++;
    told.untold = 0;
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
    clearInterval(this.#watch);
    this.#self = null;
    this.#dialer.close();
    const listening = this.#listener?.close();
    for (const connection of [...this.#connections]) connection.close('the client is shutting down');
    for (const share of this.#shares.values()) share.content?.endVerify();
    await Promise.all([...this.#shares.keys()].map((id) => this.#inTurn(id, () => this.#stop(id, false))));
    await listening;
    this.#links.close();
    this.#feed.close();
  }

  #inTurn<Value>(id: InfoHash, step: () => Promise<Value>): Promise<Value> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(step, step);
    this.#turns.set(id, turn);
    const forget = () => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    };
    turn.then(forget, forget);
    return turn;
  }
}

/** BEP 20: two letters and four digits of the program, then random. */
const newPeerId = (): Uint8Array => Buffer.concat([Buffer.from('-PE0100-'), randomBytes(12)]);
