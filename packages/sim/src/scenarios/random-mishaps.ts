import { Geometry, PIECE_BYTES } from '@peerage/bittorrent';
import { Random } from '@peerage/swarm';
import { type PeerTraits, PLAIN_TRAITS } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';

/**
 * A small swarm with everything drawn from the seed: 1 to 60 pieces, 2 to 8 peers, rates, latencies, buffers, peers that go away and
 * return, fall silent, lie, or run out of disk. The first peer is an honest seeder that always comes back, so everybody can end.
 */
export function randomMishaps(seed: number): SwarmPlan {
  const random = new Random(seed);
  const within = (least: number, most: number) => least + random.below(most - least + 1);
  const pieces = random.chance(0.06) ? within(15, 60) : within(1, 12);
  const sizeBytes = pieces * PIECE_BYTES - (random.chance(0.7) ? random.below(PIECE_BYTES) : 0);
  const span = (): readonly [number, number] => {
    const fromMs = within(0, 20_000);
    return [fromMs, fromMs + within(100, 15_000)];
  };
  const peers: PeerTraits[] = [];
  const fewerBuffers = () => {
    const [fromMs, untilMs] = span();
    return [
      [fromMs, within(0, 3)],
      [untilMs, within(1, 24)],
    ] as const;
  };
  const count = random.chance(0.5) ? within(2, 4) : within(2, 8);
  for (let index = 0; index < count; index++) {
    const isAnchor = index === 0;
    const isSeeder = isAnchor || random.chance(0.25);
    peers.push({
      ...PLAIN_TRAITS,
      isSeeder,
      upBytesPerSecond: 20_000 * 10 ** (random.fraction() * 3.5),
      downBytesPerSecond: 100_000 * 10 ** (random.fraction() * 3),
      wrongPercent: !isAnchor && random.chance(0.15) ? within(1, 100) : 0,
      muteFromMs: !isAnchor && random.chance(0.15) ? within(0, 20_000) : Number.POSITIVE_INFINITY,
      awaySpans: random.chance(0.25) ? [span()] : [],
      writeMs: within(0, 30),
      diskFullSpans: !isSeeder && random.chance(0.15) ? [span()] : [],
      bufferChanges: random.chance(0.2) ? fewerBuffers() : [],
      socketBytes: within(1, 512) * 1024,
      isFreeRider: !isSeeder && random.chance(0.1),
      buffers: random.chance(0.3) ? within(1, 4) : within(5, 24),
    });
  }
  return {
    geometry: new Geometry(sizeBytes),
    peers,
    latencyMs: [within(0, 20), within(20, 200)],
    fastPercent: random.pick([0, 50, 100, 100])!,
    wholePercent: random.pick([0, 80, 100])!,
    neighbours: 40,
    deadlineMs: 7_200_000,
  };
}
