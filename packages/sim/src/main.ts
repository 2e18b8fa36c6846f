import { flashCrowd } from './scenarios/flash-crowd.ts';
import { liar } from './scenarios/liar.ts';
import { manySeeders } from './scenarios/many-seeders.ts';
import { randomMishaps } from './scenarios/random-mishaps.ts';
import { runSwarm, type SwarmPlan, type SwarmResult } from './swarm-run.ts';

// npm run sim -- <scenario> [--peers N] [--seed S]: runs one simulated swarm and prints what it came to.

const SCENARIOS: Record<string, (options: { peers: number; seed: number }) => SwarmPlan> = {
  'flash-crowd': ({ peers }) => flashCrowd(peers),
  'many-seeders': ({ peers }) => manySeeders(peers),
  liar: ({ peers }) => liar(peers),
  'random-mishaps': ({ seed }) => randomMishaps(seed),
};

const USAGE = `usage: npm run sim -- ${Object.keys(SCENARIOS).join('|')} [--peers N] [--seed S]\n`;

function usage(problem: string): never {
  process.stderr.write(`sim: ${problem}\n${USAGE}`);
  process.exit(2);
}

const [name = '', ...rest] = process.argv.slice(2);
if (name === '--help') {
  process.stdout.write(USAGE);
  process.exit(0);
}
const scenario = SCENARIOS[name] ?? usage(`no scenario '${name}'`);
const options = { peers: 9, seed: 1 };
while (rest.length > 0) {
  const [option, text] = rest.splice(0, 2);
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) usage(`${option} needs a whole number`);
  if (option === '--peers' && value >= 2) options.peers = value;
  else if (option === '--seed') options.seed = value;
  else usage(`no option ${option} ${text}`);
}

const startedMs = performance.now();
let result: SwarmResult;
try {
  result = runSwarm(scenario(options), { seed: options.seed, checkEvery: 100 });
} catch (error) {
  console.error(`scenario ${name}, seed ${options.seed} failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(1);
}
const ratio = result.durationMs / result.fluidBoundMs;
console.log(`scenario     ${name}, seed ${options.seed}`);
console.log(
  `leechers     ${result.leechers}, all complete after ${(result.durationMs / 1000).toFixed(2)} s of simulated time`,
);
console.log(`fluid bound  ${(result.fluidBoundMs / 1000).toFixed(2)} s: ratio ${ratio.toFixed(3)}`);
console.log(`wasted       ${(100 * result.wastedPart).toFixed(2)} % of the bytes needed`);
if (result.bannedMembers.size > 0) console.log(`banned       ${[...result.bannedMembers].join(', ')}`);
console.log(`run          ${result.steps} steps in ${((performance.now() - startedMs) / 1000).toFixed(2)} s`);
