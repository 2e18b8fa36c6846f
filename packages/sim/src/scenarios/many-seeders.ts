import { Geometry } from '@peerage/bittorrent';
import { PLAIN_TRAITS } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';

/** All but one have everything, each with a 50 Mbit/s uplink; one with a fast downlink fetches 64 MiB from all of them. */
export function manySeeders(peers: number): SwarmPlan {
  return {
    geometry: new Geometry(64 * 1024 * 1024),
    peers: Array.from({ length: peers }, (_, index) => ({
      ...PLAIN_TRAITS,
      isSeeder: index > 0,
      downBytesPerSecond: 125_000_000,
    })),
    latencyMs: [5, 20],
    fastPercent: 100,
    neighbours: 40,
    deadlineMs: 3_600_000,
  };
}
