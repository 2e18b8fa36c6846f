import { Geometry } from '@peerage/bittorrent';
import { Random, type Rules, type TransferEffect, type TransferEvent } from '@peerage/swarm';
import { Accounting } from './accounting.ts';
import { Connection } from './connection.ts';
import { fluidBoundMs } from './fluid-bound.ts';
import type { PeerTraits } from './peer-traits.ts';
import { SimPeer } from './sim-peer.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a scenario sets up. */
export interface SwarmPlan {
  readonly geometry: Geometry;
  readonly peers: readonly PeerTraits[];
  readonly latencyMs: readonly [least: number, most: number];
  /** Connections of a hundred that both offered the fast extension for. */
  readonly fastPercent: number;
  /** Connections of a hundred that both take whole pieces on. Left out: none, for here a link sends what one request asks for in one go. */
  readonly wholePercent?: number;
  /** Connections that a peer opens; the others it is given. */
  readonly neighbours: number;
  /** Simulated time after which a run that has not ended has failed. */
  readonly deadlineMs: number;
}

export interface SwarmResult {
  /** Until the last honest leecher was complete. */
  readonly durationMs: number;
  /** The mean over them. */
  readonly meanMs: number;
  /** The least time that the honest peers' links allow: max(F/u_s, N·F/(u_s + Σu), F/least down). */
  readonly fluidBoundMs: number;
  readonly leechers: number;
  /** Fewer where the run was to end before. */
  readonly completePeers: number;
  /** Payload received in vain by all honest leechers, as a part of what they needed. */
  readonly wastedPart: number;
  /** What the seeders uploaded, in sizes of the share. */
  readonly seederCopies: number;
  readonly bannedMembers: ReadonlySet<string>;
  readonly steps: number;
  /** Where the links' time went, where that was asked for. */
  readonly account: string;
}

/** How far a run is. */
export interface Progress {
  readonly nowMs: number;
  /** Of all pieces that all who count lack at the beginning. */
  readonly donePart: number;
  readonly completePeers: number;
  readonly steps: number;
}

/** Somebody who counts was never complete. */
export class Standstill extends Error {}

/** In larger swarms nobody watches every request of every peer, and blocks are coarser: it would take too long. */
const WITNESSED_MOST = 60;
const CROWD_BLOCK_BYTES = 64 * 1024;

/** Runs a swarm until every honest leecher is complete. Throws where one does not get there, or does what it must never do. */
export function runSwarm(
  plan: SwarmPlan,
  options: {
    readonly seed: number;
    /** The invariants of a transfer are checked at one of so many of its steps. */
    readonly checkEvery: number;
    /** Left out: all rules. */
    readonly rules?: Partial<Rules>;
    readonly isAccounted?: boolean;
    /** Peers take turns as long as the latency (virtual-clock.ts). Left out: in large swarms. */
    readonly inTurns?: boolean;
    /** Ends the run there, complete or not. */
    readonly untilMs?: number;
    /** Told once a simulated second. */
    readonly onSecond?: (progress: Progress) => void;
    readonly onStep?: (line: {
      nowMs: number;
      peer: string;
      event: TransferEvent;
      effects: readonly TransferEffect[];
    }) => void;
  },
): SwarmResult {
  const { seed, checkEvery, onStep } = options;
  const random = new Random(seed);
  const isCrowd = plan.peers.length > WITNESSED_MOST;
  // One owner more than peers: who looks at all of them.
  const turnMs = (options.inTurns ?? isCrowd) ? plan.latencyMs[0] : 0;
  const clock = new VirtualClock({ lookaheadMs: turnMs, owners: plan.peers.length + 1 });
  const geometry = isCrowd ? new Geometry(plan.geometry.sizeBytes, CROWD_BLOCK_BYTES) : plan.geometry;
  const peers = plan.peers.map(
    (traits, index) =>
      new SimPeer(clock, {
        index,
        name: `${traits.isSeeder ? 'seeder' : 'leecher'}-${index}`,
        traits,
        geometry,
        seed: random.word(),
        rules: options.rules ?? {},
        checkEvery,
        isWitnessed: !isCrowd,
      }),
  );
  let nextKey = 1;
  const connect = (from: SimPeer, to: SimPeer) => {
    if (from === to || from.isAway || to.isAway || from.bannedMembers.has(to.name) || to.bannedMembers.has(from.name))
      return;
    if (from.transfer.isComplete && to.transfer.isComplete) return;
    for (const connection of from.connections.values()) if (connection.other(from) === to) return;
    for (const connection of to.connections.values()) if (connection.other(to) === from) return;
    const [least, most] = plan.latencyMs;
    const connection = new Connection(clock, [from, to], {
      key: nextKey++,
      latencyMs: least + random.fraction() * (most - least),
      fast: random.chance(plan.fastPercent / 100),
      wholePieces: plan.wholePercent !== undefined && random.chance(plan.wholePercent / 100),
      isClose: !isCrowd,
    });
    from.connected(connection);
    clock.at(clock.nowMs, to.index, () => to.connected(connection));
  };
  const connectAll = (peer: SimPeer) => {
    const others = peers.filter((other) => other !== peer);
    while (others.length > plan.neighbours) others.splice(random.below(others.length), 1);
    for (const other of others) connect(peer, other);
  };
  for (const peer of peers) {
    peer.onLostTouch = connectAll;
    if (onStep === undefined) continue;
    peer.onStep = (by, event, effects) => onStep({ nowMs: clock.nowMs, peer: by.name, event, effects });
  }
  for (const peer of peers) connectAll(peer);
  const accounting = options.isAccounted ? new Accounting(clock, peers, turnMs) : undefined;

  const leechers = peers.filter((peer) => peer.isCounted);
  const untilMs = options.untilMs ?? Number.POSITIVE_INFINITY;
  if (options.onSecond !== undefined) tellEverySecond(clock, leechers, peers.length, options.onSecond);
  let complete = 0;
  while (complete < leechers.length) {
    if (leechers[complete]!.completedAtMs !== undefined) {
      complete++;
      continue;
    }
    if (clock.nowMs >= untilMs) break;
    if (clock.nowMs > plan.deadlineMs || !clock.step()) throw new Standstill(describeStandstill(clock.nowMs, leechers));
  }
  const bannedMembers = new Set<string>();
  for (const peer of peers.filter((one) => one.isHonest)) {
    for (const member of peer.bannedMembers) {
      if (peers.find((one) => one.name === member)?.isHonest)
        throw new Error(`${peer.name} banned the honest ${member}`);
      bannedMembers.add(member);
    }
  }
  const seeders = peers.filter((peer) => peer.traits.isSeeder);
  const neededBytes = leechers.length * plan.geometry.sizeBytes;
  const wasted = leechers.reduce((sum, peer) => sum + peer.wastedBytes + peer.transfer.snapshot().wastedBytes, 0);
  const ended = leechers.map((peer) => peer.completedAtMs ?? clock.nowMs);
  return {
    durationMs: Math.max(0, ...ended),
    meanMs: ended.reduce((sum, atMs) => sum + atMs, 0) / Math.max(1, leechers.length),
    fluidBoundMs: fluidBoundMs(plan.geometry.sizeBytes, plan.peers),
    leechers: leechers.length,
    completePeers: leechers.filter((peer) => peer.completedAtMs !== undefined).length,
    wastedPart: neededBytes === 0 ? 0 : wasted / neededBytes,
    seederCopies: seeders.reduce((sum, peer) => sum + peer.uploadedBytes, 0) / Math.max(1, plan.geometry.sizeBytes),
    bannedMembers,
    steps: clock.steps,
    account: accounting?.report() ?? '',
  };
}

function tellEverySecond(
  clock: VirtualClock,
  leechers: readonly SimPeer[],
  owner: number,
  tell: (progress: Progress) => void,
): void {
  const look = () => {
    const done = leechers.reduce((sum, peer) => sum + peer.disk.have.count, 0);
    const wanted = leechers.reduce((sum, peer) => sum + peer.disk.have.geometry.pieceCount, 0);
    const completePeers = leechers.filter((peer) => peer.completedAtMs !== undefined).length;
    tell({ nowMs: clock.nowMs, donePart: done / wanted, completePeers, steps: clock.steps });
    clock.after(1000, owner, look);
  };
  clock.after(1000, owner, look);
}

function describeStandstill(nowMs: number, peers: readonly SimPeer[]): string {
  const lines = peers.map((peer) => {
    const { havePieces, openPieces, usefulPeers } = peer.transfer.snapshot();
    return `${peer.name}: ${havePieces} pieces, ${openPieces} open, ${usefulPeers} useful peers`;
  });
  return `not complete after ${Math.round(nowMs)} ms of simulated time\n${lines.join('\n')}`;
}
