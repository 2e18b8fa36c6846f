import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { fluidBoundMs } from '../fluid-bound.ts';
import { type PeerTraits, PLAIN_TRAITS } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';
import type { ScenarioOptions } from './options.ts';

/** All but one have everything; one with a fast downlink fetches it from all of them. */
export function manySeeders(options: ScenarioOptions): SwarmPlan {
  return {
    geometry: new Geometry(options.pieces * PIECE_BYTES),
    peers: Array.from({ length: options.peers }, (_, index) => ({
      ...PLAIN_TRAITS,
      isSeeder: index > 0,
      upBytesPerSecond: options.upBytesPerSecond,
      downBytesPerSecond: 20 * options.downBytesPerSecond,
    })),
    latencyMs: [options.roundTripMs / 4, options.roundTripMs],
    fastPercent: 100,
    neighbours: 40,
    deadlineMs: 3_600_000,
  };
}

function withFirstSeeder(options: ScenarioOptions, change: (bestMs: number) => Partial<PeerTraits>): SwarmPlan {
  const plan = manySeeders(options);
  const bestMs = fluidBoundMs(plan.geometry.sizeBytes, plan.peers);
  return {
    ...plan,
    peers: plan.peers.map((traits, index) => (index === 1 ? { ...traits, ...change(bestMs) } : traits)),
  };
}

/** The same, and one of the seeders sends one block in ten wrong. */
export function oneLiar(options: ScenarioOptions): SwarmPlan {
  return withFirstSeeder(options, () => ({ wrongPercent: 10 }));
}

/** The same, and one of the seeders has a sixth of the others' uplink. */
export function oneSlow(options: ScenarioOptions): SwarmPlan {
  return withFirstSeeder(options, () => ({ upBytesPerSecond: options.upBytesPerSecond / 6 }));
}

/** The same, and one of the seeders is gone for ever from half of the time on that they would need together. */
export function oneGone(options: ScenarioOptions): SwarmPlan {
  return withFirstSeeder(options, (bestMs) => ({ awaySpans: [[bestMs / 2, Number.MAX_SAFE_INTEGER]] }));
}

/** The same, and just before the end one of the seeders falls silent and keeps its connections. */
export function oneMute(options: ScenarioOptions): SwarmPlan {
  return withFirstSeeder(options, (bestMs) => ({ muteFromMs: 0.95 * bestMs }));
}
