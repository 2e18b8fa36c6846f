import { Random } from '@peerage/swarm';
import type { PeerTraits } from '../peer-traits.ts';
import type { SwarmPlan } from '../swarm-run.ts';
import { flashCrowd } from './flash-crowd.ts';
import type { ScenarioOptions } from './options.ts';

// Flash crowds in which not all are alike.

function crowdOf(options: ScenarioOptions, change: (index: number) => Partial<PeerTraits>): SwarmPlan {
  const plan = flashCrowd(options);
  return { ...plan, peers: plan.peers.map((traits, index) => ({ ...traits, ...change(index) })) };
}

/** The only seeder leaves for ever when it has uploaded the share 1.02 times. */
export function seederLeaves(options: ScenarioOptions): SwarmPlan {
  return crowdOf(options, (index) => (index === 0 ? { leavesAfterCopies: 1.02 } : {}));
}

/** The only seeder leaves when it has uploaded 60 % of the share, and returns twenty seconds later. */
export function seederReturns(options: ScenarioOptions): SwarmPlan {
  return crowdOf(options, (index) => (index === 0 ? { leavesAfterCopies: 0.6, returnsAfterMs: 20_000 } : {}));
}

/** One in ten has a tenth of the others' links. */
export function slowPeers(options: ScenarioOptions): SwarmPlan {
  return crowdOf(options, (index) =>
    index % 10 === 5
      ? {
          upBytesPerSecond: options.upBytesPerSecond / 10,
          downBytesPerSecond: options.downBytesPerSecond / 10,
          isSlow: true,
        }
      : {},
  );
}

/** One in four gives nothing. */
export function freeRiders(options: ScenarioOptions): SwarmPlan {
  return crowdOf(options, (index) => ({ isFreeRider: index % 4 === 3 }));
}

/** One in ten sends a tenth of its blocks wrong. */
export function liars(options: ScenarioOptions): SwarmPlan {
  return crowdOf(options, (index) => ({ wrongPercent: index % 10 === 5 ? 10 : 0 }));
}

/** Every leecher is away now and then, for a few seconds; what it stored stays. */
export function churn(options: ScenarioOptions): SwarmPlan {
  const random = new Random(options.seed);
  return crowdOf(options, (index) => {
    if (index === 0) return {};
    const awaySpans: (readonly [number, number])[] = [];
    for (let atMs = random.below(20_000); atMs < 120_000; atMs += 10_000 + random.below(30_000)) {
      awaySpans.push([atMs, atMs + 1_000 + random.below(5_000)]);
    }
    return { awaySpans };
  });
}

/** Links of leechers from a fifth to five times the plain one. */
export function mixedLinks(options: ScenarioOptions): SwarmPlan {
  const random = new Random(options.seed);
  return crowdOf(options, (index) => {
    const factor = index === 0 ? 1 : 5 ** (2 * random.fraction() - 1);
    return {
      upBytesPerSecond: options.upBytesPerSecond * factor,
      downBytesPerSecond: options.downBytesPerSecond * Math.max(1, factor),
    };
  });
}

/** One in three has no space on its disk for some seconds. */
export function fullDisks(options: ScenarioOptions): SwarmPlan {
  const random = new Random(options.seed);
  return crowdOf(options, (index) => {
    const fromMs = random.below(8_000);
    return index % 3 === 1 ? { diskFullSpans: [[fromMs, fromMs + 2_000 + random.below(4_000)]] } : {};
  });
}

/** The n-th write of the first leecher fails. */
export function failingWrite(options: ScenarioOptions, write: number): SwarmPlan {
  return crowdOf(options, (index) => (index === 1 ? { failingWrite: write } : {}));
}
