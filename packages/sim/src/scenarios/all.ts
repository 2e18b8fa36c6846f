import type { SwarmPlan } from '../swarm-run.ts';
import {
  churn,
  failingWrite,
  freeRiders,
  fullDisks,
  liars,
  mixedLinks,
  seederLeaves,
  seederReturns,
  slowPeers,
} from './crowds.ts';
import { flashCrowd } from './flash-crowd.ts';
import { manySeeders, oneGone, oneLiar, oneMute, oneSlow } from './many-seeders.ts';
import type { ScenarioOptions } from './options.ts';
import { randomMishaps } from './random-mishaps.ts';

/** What `npm run sim` can run, by name. */
export const SCENARIOS: Readonly<Record<string, (options: ScenarioOptions) => SwarmPlan>> = {
  'flash-crowd': flashCrowd,
  'seeder-leaves': seederLeaves,
  'seeder-returns': seederReturns,
  'slow-peers': slowPeers,
  'free-riders': freeRiders,
  liars,
  churn,
  'mixed-links': mixedLinks,
  'full-disks': fullDisks,
  'failing-write': (options) => failingWrite(options, 1 + (options.seed % options.pieces)),
  'many-seeders': manySeeders,
  'one-liar': oneLiar,
  'one-slow': oneSlow,
  'one-gone': oneGone,
  'one-mute': oneMute,
  'random-mishaps': ({ seed }) => randomMishaps(seed),
};
