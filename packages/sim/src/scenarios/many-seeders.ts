import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { PLAIN_TRAITS } from '../peer-traits.ts';
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

/** The same, and one of the seeders sends one block in ten wrong. */
export function oneLiar(options: ScenarioOptions): SwarmPlan {
  const plan = manySeeders(options);
  return {
    ...plan,
    peers: plan.peers.map((traits, index) => (index === 1 ? { ...traits, wrongPercent: 10 } : traits)),
  };
}
