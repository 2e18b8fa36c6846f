import type { SwarmPlan } from '../swarm-run.ts';
import { manySeeders } from './many-seeders.ts';

/** Many seeders, one of which sends one block in ten wrong. */
export function liar(peers: number): SwarmPlan {
  const plan = manySeeders(peers);
  return {
    ...plan,
    peers: plan.peers.map((traits, index) => (index === 1 ? { ...traits, wrongPercent: 10 } : traits)),
  };
}
