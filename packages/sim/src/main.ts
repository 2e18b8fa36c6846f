import { ALL_RULES, type Rules } from '@peerage/swarm';
import { progressLine, report } from './report.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { MEGABIT, PLAIN_OPTIONS, type ScenarioOptions } from './scenarios/options.ts';
import { runSwarm, type SwarmResult } from './swarm-run.ts';
import { printTable } from './table.ts';
import { printWeights } from './weights.ts';

// npm run sim -- <scenario> [options]: runs one simulated swarm and prints what it came to.

const RULES = Object.keys(ALL_RULES) as (keyof Rules)[];
/** A crowd that size is told apart from others only by a share that takes longer than its pieces need to go round. */
const LARGE_PEERS = 100;
const LARGE_PIECES = 512;

const LEAST: Readonly<Record<string, number>> = {
  '--peers': 2,
  '--pieces': 1,
  '--seed': 0,
  '--up': 1,
  '--down': 1,
  '--rtt': 0,
  '--socket': 1,
  '--silent': 0,
  '--until': 1,
};

const USAGE = `usage: npm run sim -- <scenario> [options]

scenarios    ${Object.keys(SCENARIOS).join(' ')}
table        instead of a scenario: the crowds that the rules are judged by, and what is wanted of them; three seeds from --seed on
weights      instead of a scenario: what each rule is worth, in the crowds where it matters; the same seeds
             a word behind either: only rows that hold it
--peers N    how many, the seeder included (${PLAIN_OPTIONS.peers})
--pieces N   of 512 KiB (${PLAIN_OPTIONS.pieces}; from ${LARGE_PEERS} peers on ${LARGE_PIECES})
--seed N     another run (${PLAIN_OPTIONS.seed})
--up N       uplink in Mbit/s (${PLAIN_OPTIONS.upBytesPerSecond / MEGABIT})
--down N     downlink in Mbit/s (${PLAIN_OPTIONS.downBytesPerSecond / MEGABIT})
--rtt N      round trip in ms (${PLAIN_OPTIONS.roundTripMs})
--socket N   KiB that each socket takes before anything of it is sent (${PLAIN_OPTIONS.socketBytes / 1024})
--silent N   leechers that keep asking and never say what they have (0)
--until N    end after N simulated seconds, complete or not
--account    also a table of what the links did in each tenth of the run
--without R  leave a rule out, again for more: ${RULES.join(' ')}
`;

function usage(problem: string): never {
  process.stderr.write(`sim: ${problem}\n${USAGE}`);
  process.exit(2);
}

function readOptions(words: string[]): {
  options: ScenarioOptions;
  rules: Partial<Record<keyof Rules, boolean>>;
  untilMs: number;
} {
  const rules: Partial<Record<keyof Rules, boolean>> = {};
  const given: Record<string, number> = {};
  while (words.length > 0) {
    const [option = '', text = ''] = words.splice(0, 2);
    if (option === '--without') {
      const rule = RULES.find((name) => name === text) ?? usage(`no rule '${text}'`);
      rules[rule] = false;
      continue;
    }
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) usage(`${option} needs a whole number`);
    const least = LEAST[option];
    if (least === undefined) usage(`no option ${option}`);
    if (value < least) usage(`${option} is at least ${least}`);
    given[option] = value;
  }
  const peers = given['--peers'] ?? PLAIN_OPTIONS.peers;
  const options = {
    peers,
    pieces: given['--pieces'] ?? (peers >= LARGE_PEERS ? LARGE_PIECES : PLAIN_OPTIONS.pieces),
    seed: given['--seed'] ?? PLAIN_OPTIONS.seed,
    upBytesPerSecond: given['--up'] === undefined ? PLAIN_OPTIONS.upBytesPerSecond : given['--up'] * MEGABIT,
    downBytesPerSecond: given['--down'] === undefined ? PLAIN_OPTIONS.downBytesPerSecond : given['--down'] * MEGABIT,
    roundTripMs: given['--rtt'] ?? PLAIN_OPTIONS.roundTripMs,
    socketBytes: given['--socket'] === undefined ? PLAIN_OPTIONS.socketBytes : given['--socket'] * 1024,
    silent: given['--silent'] ?? PLAIN_OPTIONS.silent,
  };
  return { options, rules, untilMs: (given['--until'] ?? Number.POSITIVE_INFINITY) * 1000 };
}

const [name = '', ...words] = process.argv.slice(2);
const rest = words.filter((word) => word !== '--account');
const isAccounted = rest.length < words.length;
if (name === '--help') {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (name === 'table' || name === 'weights') {
  const place = words.indexOf('--seed');
  const [, text = ''] = place === -1 ? ['', String(PLAIN_OPTIONS.seed)] : words.splice(place, 2);
  if (!/^\d+$/.test(text)) usage('--seed needs a whole number');
  const first = Number(text);
  const part = words.join(' ');
  const print = name === 'table' ? printTable : printWeights;
  if (!print([first, first + 1, first + 2], part)) usage(`no row holds '${part}'`);
  process.exit(0);
}
const scenario = SCENARIOS[name] ?? usage(`no scenario '${name}'`);
const { options, rules, untilMs } = readOptions(rest);
const startedMs = performance.now();
const tookSeconds = () => (performance.now() - startedMs) / 1000;
const isLarge = options.peers >= LARGE_PEERS;
let result: SwarmResult;
try {
  result = runSwarm(scenario(options), {
    seed: options.seed,
    // In a large crowd the invariants of one transfer cost as much as ten thousand of its steps.
    checkEvery: isLarge ? Number.POSITIVE_INFINITY : 1_000,
    rules,
    isAccounted,
    untilMs,
    // A crowd may be stopped from outside: what was seen of it should say how far it came.
    onSecond: (progress) => {
      if (isLarge) process.stderr.write(progressLine(progress, tookSeconds()));
    },
  });
} catch (error) {
  console.error(`scenario ${name}, seed ${options.seed} failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(1);
}
const title = `${name}, seed ${options.seed}${Object.keys(rules)
  .map((rule) => `, without ${rule}`)
  .join('')}`;
if (isAccounted) process.stdout.write(`${result.account}\n`);
process.stdout.write(report(title, result, tookSeconds()));
