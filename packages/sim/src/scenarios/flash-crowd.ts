import { Geometry } from '@peerage/bittorrent';
import { PLAIN_TRAITS } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';

/** One seeder, all others come at the same moment with nothing; every link 50 Mbit/s, 64 MiB. */
export function flashCrowd(peers: number): SwarmPlan {
  return {
    geometry: new Geometry(64 * 1024 * 1024),
    peers: Array.from({ length: peers }, (_, index) => ({ ...PLAIN_TRAITS, isSeeder: index === 0 })),
    latencyMs: [5, 20],
    fastPercent: 100,
    neighbours: 40,
    deadlineMs: 3_600_000,
  };
}
