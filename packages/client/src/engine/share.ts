import type { InfoHash } from '@peerage/bittorrent';
import type { PeerageError } from '@peerage/contract/bare';
import type { PieceStore, StoreError } from '@peerage/storage';
import type { ShareInfo } from '../metainfo/read-share.ts';
import type { SwarmSeat } from '../net/swarm-seat.ts';
import { type RunnerHost, type RunnerOptions, SwarmRunner } from '../runtime/swarm-runner.ts';
import type { PeerFacts, TransferFacts } from '../why/facts.ts';
import { reasonToWait } from '../why/reasons.ts';
import type { FileCounts, PeerCandidate, TransferPhase, TransferSnapshot, VerifyOutcome } from './engine-protocol.ts';
import { type Inspection, Inspector } from './inspection.ts';
import type { SharePorts } from './share-ports.ts';
import { WantedPeers } from './wanted-peers.ts';

/** Nobody useful for this long is told as waiting: shorter gaps (a connection is made anew) are no news. */
const NO_PEERS_GRACE_MS = 1000;
/** How far a check is is told so often. */
const VERIFYING_PACE_MS = 200;

/** What a share's bytes are right now: a download (download.ts) or a complete file (source.ts). */
export interface ShareContent {
  onStored(): void;
  onCompleted(): void;
  onSpace(problem: StoreError | undefined): void;
  onWriteFailed(error: unknown): void;
  onReadFailed(error: unknown): void;
  pause(): void;
  resume(): Promise<void>;
  /** Rejects with PeerageError. */
  verify(): Promise<VerifyOutcome>;
  /** Whoever stops the share does not wait for the end of that. */
  endVerify(): void;
  /** Of a folder that is fetched: what is wanted of it, and how far that is. */
  progress?(): { readonly sizeBytes: number; readonly doneBytes: number; readonly files: FileCounts } | undefined;
  /** The swarm has ended before. `discard` removes partial data and journal. */
  close(discard: boolean): Promise<void>;
}

type Reason = TransferSnapshot['reason'];

/**
 * One share in the engine: its swarm while it is offered or fetched, and what people see of it.
 *
 * Always true: a swarm runs exactly while connections for the share are accepted and made; `doneBytes`, `uploadedBytes` and `sources` outlive it.
 */
export class Share {
  readonly id: InfoHash;
  readonly info: ShareInfo;
  readonly #ports: SharePorts;
  readonly #wanted: WantedPeers;
  readonly #inspector = new Inspector();
  content: ShareContent | undefined;
  #runner: SwarmRunner | undefined;
  #phase: TransferPhase = 'verifying';
  #reason: Reason = null;
  #doneBytes = 0;
  #uploadedBefore = 0;
  #sourcesBefore = new Map<string, number>();
  #usefulAtMs = 0;
  #verifyingToldMs = Number.NEGATIVE_INFINITY;

  constructor(ports: SharePorts, id: InfoHash, info: ShareInfo) {
    this.#ports = ports;
    this.id = id;
    this.info = info;
    this.#wanted = new WantedPeers(ports.dialer, id, info.group, () => ports.self());
  }

  get phase(): TransferPhase {
    return this.#phase;
  }

  /** Where a connection for this share belongs, while it is offered or fetched. */
  get seat(): SwarmSeat | undefined {
    return this.#phase === 'paused' ? undefined : this.#runner;
  }

  get runner(): SwarmRunner | undefined {
    return this.#runner;
  }

  /** It can make use of buffers now. */
  get wantsBuffers(): boolean {
    const runner = this.#runner;
    return runner !== undefined && !runner.isComplete && this.#phase !== 'paused' && runner.connections.length > 0;
  }

  startSwarm(store: PieceStore, options: Pick<RunnerOptions, 'paused' | 'skip' | 'verify'>): void {
    this.#runner = new SwarmRunner({
      infoHash: this.id,
      info: this.info,
      store,
      ...options,
      pool: this.#ports.pool,
      cache: this.#ports.cache,
      limits: this.#ports.limits(this.id),
      nowMs: this.#ports.nowMs,
      seed: Math.floor(Math.random() * 2 ** 32),
      ownDevice: () => this.#ports.self()?.device ?? '',
      host: this.#host(),
    });
    this.#runner.limitsChanged();
    this.#usefulAtMs = this.#ports.nowMs();
    if (!this.#runner.isComplete) this.#wanted.lacksAgain();
    if (!options.paused) this.dial();
  }

  async stopSwarm(reason: string): Promise<void> {
    const runner = this.#runner;
    if (runner === undefined) return;
    this.#keepNumbers(runner);
    this.#runner = undefined;
    this.#ports.dialer.forget(this.id);
    await runner.close(reason);
    this.#ports.dealBuffers();
  }

  setPhase(phase: TransferPhase, reason: Reason = null): void {
    this.#phase = phase;
    this.#reason = reason;
    if (phase === 'fetching') this.#usefulAtMs = this.#ports.nowMs();
    this.tellSnapshot();
  }

  /** Ends in words; the swarm must have been stopped. */
  fail(error: PeerageError): void {
    this.setPhase('failed', { code: error.code, message: error.message });
    this.#ports.emit({ type: 'failed', share: this.id, code: error.code, message: error.message });
  }

  tellSnapshot(): void {
    this.#ports.emit({ type: 'snapshots', transfers: [this.snapshot()] });
    this.#ports.wakeSnapshots();
  }

  /** How far a check is that somebody asked for; not every piece is news. */
  tellVerifying(doneBytes: number, totalBytes: number): void {
    const nowMs = this.#ports.nowMs();
    if (nowMs - this.#verifyingToldMs < VERIFYING_PACE_MS) return;
    this.#verifyingToldMs = nowMs;
    this.#ports.emit({ type: 'verifying', share: this.id, doneBytes, totalBytes });
  }

  setPeers(peers: readonly PeerCandidate[]): void {
    this.#wanted.replace(peers);
    this.dial();
  }

  /** Wants connections to the peers it was told of, as far as it can use them now. */
  dial(): void {
    const runner = this.#runner;
    if (runner === undefined || this.#phase === 'paused' || !this.#ports.reaches(this.info.group))
      this.#ports.dialer.forget(this.id);
    else this.#wanted.dial((device) => !runner.isBanned(device), runner.isComplete);
  }

  /** Everything about it may change by itself. */
  get isLively(): boolean {
    if (this.#phase === 'fetching' || this.#phase === 'waiting' || this.#phase === 'verifying') return true;
    const rates = this.#runner?.rates();
    return rates !== undefined && (rates.downBytesPerSecond > 0 || rates.upBytesPerSecond > 0);
  }

  /** Null while no swarm runs for it. */
  inspect(): Inspection | null {
    const runner = this.#runner;
    return runner ? this.#inspector.look(runner, this.#ports.nowMs(), (device) => this.#wanted.userOf(device)) : null;
  }

  snapshot(): TransferSnapshot {
    const runner = this.#runner;
    const transfer = runner?.snapshot();
    const rates = runner?.rates() ?? { downBytesPerSecond: 0, upBytesPerSecond: 0 };
    const usefulPeers = transfer?.usefulPeers ?? 0;
    const sources = new Map(this.#sourcesBefore);
    for (const [device, bytes] of transfer?.sources ?? []) sources.set(device, (sources.get(device) ?? 0) + bytes);
    return {
      share: this.id,
      ...this.#shownPhase(usefulPeers),
      sizeBytes: this.info.geometry.sizeBytes,
      doneBytes: transfer?.doneBytes ?? this.#doneBytes,
      files: this.#wholeFolder(),
      ...this.content?.progress?.(),
      ...rates,
      uploadedBytes: this.#uploadedBefore + (runner?.uploadedBytes ?? 0),
      usefulPeers,
      connected: transfer?.peers.map(({ member }) => member) ?? [],
      copies: transfer?.copies == null ? null : Math.floor(transfer.copies * 100) / 100,
      sources: [...sources]
        .map(([device, bytes]) => ({ device, user: this.#wanted.userOf(device), bytes }))
        .sort((left, right) => right.bytes - left.bytes),
    };
  }

  /** What explains how fast it is fetched. */
  facts(): TransferFacts {
    const runner = this.#runner;
    const transfer = runner?.snapshot();
    const limit = this.#ports.limits(this.id).down.bytesPerSecond;
    return {
      phase: this.#phase,
      reason: this.#reason,
      lackedPieces: transfer?.lackedPieces ?? 0,
      unavailable: runner?.unavailable() ?? { count: 0, first: [] },
      unstoredPieces: transfer?.unstoredPieces ?? 0,
      bytesPerSecond: runner?.rates().downBytesPerSecond ?? 0,
      limitBytesPerSecond: Number.isFinite(limit) ? limit : null,
      hasMembership: this.#ports.reaches(this.info.group),
      peers: this.#peerFacts(transfer?.peers ?? []),
    };
  }

  #peerFacts(sessions: ReturnType<SwarmRunner['snapshot']>['peers']): PeerFacts[] {
    const connected = new Map(sessions.map((session) => [session.member, session]));
    const known = new Map(this.#wanted.known.map(({ device, user }) => [device, user]));
    for (const device of connected.keys()) if (!known.has(device)) known.set(device, this.#wanted.userOf(device));
    return [...known].map(([device, user]) => {
      const session = connected.get(device);
      return {
        user,
        device,
        connected: session !== undefined,
        ...this.#ports.dialer.triesOf(this.id, device),
        banned: this.#runner?.isBanned(device) ?? false,
        lackedPieces: session?.lackedPieces ?? 0,
        serves: session?.isServing ?? false,
        askedBlocks: session?.outstandingBlocks ?? 0,
        bytesPerSecond: session?.rateBytesPerSecond ?? 0,
      };
    });
  }

  #wholeFolder(): FileCounts | null {
    if (this.info.kind === 'file') return null;
    const all = this.info.files.count;
    return { done: all, chosen: all, all };
  }

  #shownPhase(usefulPeers: number): { phase: TransferPhase; reason: Reason } {
    if (this.#phase !== 'fetching') return { phase: this.#phase, reason: this.#reason };
    const nowMs = this.#ports.nowMs();
    if (usefulPeers > 0 || this.#ports.dialer.hopes(this.id)) this.#usefulAtMs = nowMs;
    const alone = nowMs - this.#usefulAtMs > NO_PEERS_GRACE_MS;
    if (!alone) return { phase: 'fetching', reason: null };
    const { code, message } = reasonToWait(this.facts());
    return {
      phase: 'waiting',
      reason: { code: code === 'membership' ? 'tracker_unreachable' : 'no_seeders', message },
    };
  }

  #keepNumbers(runner: SwarmRunner): void {
    const { doneBytes, sources } = runner.snapshot();
    this.#doneBytes = doneBytes;
    this.#uploadedBefore += runner.uploadedBytes;
    for (const [device, bytes] of sources) {
      this.#sourcesBefore.set(device, (this.#sourcesBefore.get(device) ?? 0) + bytes);
    }
  }

  #host(): RunnerHost {
    const { dialer, dealBuffers, wakeSnapshots, emit } = this.#ports;
    return {
      onStored: () => this.content?.onStored(),
      onCompleted: () => this.content?.onCompleted(),
      onSpace: (problem) => this.content?.onSpace(problem),
      onWriteFailed: (error) => this.content?.onWriteFailed(error),
      onReadFailed: (error) => this.content?.onReadFailed(error),
      onJoined: (connection) => {
        this.#wanted.met(connection.member);
        if (!connection.dialed) this.#ports.reached();
        dialer.connected(this.id, connection.member.device, connection.dialed ? connection : undefined);
        dealBuffers();
        wakeSnapshots();
      },
      onDeviceLeft: (device) => {
        dialer.disconnected(this.id, device, this.#wanted.isUseless(device));
        dealBuffers();
        wakeSnapshots();
      },
      onNothingToGive: (device) => this.#wanted.useless(device),
      onBanned: (device, detail) => {
        const user = this.#wanted.userOf(device);
        this.dial();
        const who = user === '' ? `device ${device}` : `${user} (device ${device})`;
        emit({ type: 'banned', share: this.id, device, user, message: `${who} is cut off: it ${detail}` });
      },
    };
  }
}
