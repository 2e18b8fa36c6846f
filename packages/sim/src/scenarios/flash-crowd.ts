import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { PLAIN_TRAITS } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';
import type { ScenarioOptions } from './options.ts';

/** One seeder, all others come at the same moment with nothing. */
export function flashCrowd(options: ScenarioOptions): SwarmPlan {
  return {
    geometry: new Geometry(options.pieces * PIECE_BYTES),
    peers: Array.from({ length: options.peers }, (_, index) => ({
      ...PLAIN_TRAITS,
      isSeeder: index === 0,
      isSilent: index > 0 && index <= options.silent,
      upBytesPerSecond: options.upBytesPerSecond,
      downBytesPerSecond: options.downBytesPerSecond,
      socketBytes: options.socketBytes,
    })),
    latencyMs: [options.roundTripMs / 2, options.roundTripMs / 2],
    fastPercent: 100,
    // Each is dialed by as many as it dials: 40 connections.
    neighbours: 20,
    deadlineMs: 3_600_000,
  };
}
