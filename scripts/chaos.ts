/**
 * `npm run chaos -- --minutes 5 [--seed 7] [--clients 8]`: two trackers and clients, each a process; random commands while trackers are killed, stopped, cut off and slowed down.
 * What clients were told is then looked for in both trackers' databases. Exits with 1 where anything acknowledged is missing.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../test/durability/seeded-random.ts';
import { Actor } from './chaos/actor.ts';
import { audit } from './chaos/audit.ts';
import { type Episode, episodes, episodesOfACut, type Stage } from './chaos/episodes.ts';
import { Faults } from './chaos/faults.ts';
import { House } from './chaos/house.ts';
import { GOAL, Journal } from './chaos/journal.ts';
import { Mallory } from './chaos/mallory.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, clients: { type: 'string' } },
});
const minutes = Number(values.minutes ?? 5);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const clients = Number(values.clients ?? 8);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(clients >= 4)) {
  process.stderr.write('usage: npm run chaos -- [--minutes M] [--seed N] [--clients C, at least 4]\n');
  process.exit(2);
}
const IN_TOUCH_MS = 1_500;
/** In so many minutes each command reaches the goal, also on a machine that does something else. */
const GOAL_MINUTES = 20;
/** What everything weighs, however often it was done. */
const LEAST = 0.05;
const say = (line: string) => process.stdout.write(`${line}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Plays episodes, several at once, each with actors that no other one uses. */
async function play(actors: readonly Actor[], stage: Stage, untilMs: number): Promise<Map<string, number>> {
  const free = new Set(actors);
  const played = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const pick = (): Episode => {
    const { isCut } = stage.faults;
    // What is shortest counts, and by far the most.
    const lacks = ({ gives }: Episode) => Math.max(...gives.map((command) => stage.journal.lacks(command))) ** 6;
    // Names are contested while the trackers are in touch too, so that some are settled; they are lost in a cut.
    const isOfUse = (episode: Episode) => isCut === episodesOfACut.includes(episode);
    const from = isCut ? episodesOfACut : [...episodes, ...episodesOfACut];
    return drawn(from, (episode) => LEAST + (isOfUse(episode) ? lacks(episode) : 0), stage.random);
  };
  let next = pick();
  while (performance.now() < untilMs) {
    if (stage.faults.isCutSoon && (next.actors > 1 || free.size <= actors.length / 2)) {
      await pause(50);
      next = pick();
      continue;
    }
    if (stage.faults.isCut && !episodesOfACut.includes(next)) next = pick();
    if (free.size < next.actors) {
      await Promise.race(running);
      continue;
    }
    const cast = castOf([...free], next.actors, stage.random);
    for (const actor of cast) free.delete(actor);
    const { name, play: begin } = next;
    const run: Promise<void> = begin(cast, stage).finally(() => {
      for (const actor of cast) free.add(actor);
      running.delete(run);
      played.set(name, (played.get(name) ?? 0) + 1);
    });
    running.add(run);
    next = pick();
  }
  await Promise.all(running);
  return played;
}

/** One of these, the more likely the more it weighs. */
function drawn<T>(from: readonly T[], weightOf: (one: T) => number, random: () => number): T {
  const weights = from.map(weightOf);
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, one] of from.entries()) {
    left -= weights[index]!;
    if (left < 0) return one;
  }
  return from.at(-1)!;
}

/** How likely the next fault is a cut: as many as keep what only cuts give in step with what they keep from being done. */
const cutsWanted = (journal: Journal): number => {
  const calm = Math.max(...(['passwd', 'revoke_device', 'remove_member'] as const).map((each) => journal.lacks(each)));
  return Math.min(0.8, Math.max(0.1, 0.25 + journal.lacks('rename_user') - calm));
};

/** Of any two in a row one is served by tracker 1 first and the other by tracker 2, where there are such. */
function castOf(free: Actor[], count: number, random: () => number): Actor[] {
  const cast: Actor[] = [];
  while (cast.length < count) {
    const last = cast.at(-1);
    const others = free.filter((actor) => last !== undefined && actor.index % 2 !== last.index % 2);
    const from = others.length > 0 ? others : free;
    const actor = from[Math.floor(random() * from.length)]!;
    free.splice(free.indexOf(actor), 1);
    cast.push(actor);
  }
  return cast;
}

const table = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `  ${String(count).padStart(6)} ${name}`)
    .join('\n');

async function run(): Promise<boolean> {
  say(`chaos: ${minutes} minutes, ${clients} clients, seed ${seed}`);
  const random = seededRandom(seed);
  const journal = new Journal();
  const house = await House.open(clients + 2);
  let isGood = false;
  try {
    const mallory = await Mallory.removed(house);
    const faults = new Faults(house, seededRandom(seed + 1), () => cutsWanted(journal));
    let names = 0;
    const stage: Stage = {
      journal,
      faults,
      random,
      choose: (...commands) =>
        drawn(commands, (command) => (command === null ? LEAST : LEAST + journal.lacks(command)), random),
      fresh: (kind) => `${kind}${++names}`,
      async inTouch() {
        do await pause(IN_TOUCH_MS);
        while (faults.isCut);
      },
    };
    const actors = house.clients
      .slice(0, clients)
      .map((client, index) => new Actor(client, index, house.filesOf(index), journal));
    for (const actor of actors) await actor.becomes(stage.fresh('user'), 'secret');
    const untilMs = performance.now() + minutes * 60_000;
    const [played] = await Promise.all([play(actors, stage, untilMs), faults.run(untilMs), mallory.run(untilMs)]);
    await Promise.all(actors.map((actor) => actor.becomes(stage.fresh('user'), 'secret')));
    await house.settled();
    await house.stopClients();
    await house.stopTrackers();
    const result = await audit(house, journal);

    say(`\nfaults:\n${table(faults.counts)}\nepisodes:\n${table(played)}`);
    say(`acknowledged:\n${table(journal.successes)}\nrefused:\n${table(journal.refusals)}`);
    const settled = [...journal.contested.user.values(), ...journal.contested.group.values()];
    say(
      `names made at two trackers at once: ${settled.length}, settled: ${settled.filter((claims) => claims.some((claim) => claim.settled)).length}`,
    );
    say(
      `a removed member: ${mallory.tries.seeders} tries at seeders, ${mallory.bytes} bytes of content; ${mallory.tries.certificates} at trackers, ${mallory.certificates} certificates`,
    );
    say(`dumps: ${result.dumpsEqual ? 'equal' : 'DIFFERENT'}, ${result.dumpLines} rows`);
    for (const difference of result.differences.slice(0, 20)) say(`  ${difference.slice(0, 300)}`);
    for (const what of result.missing.slice(0, 50)) say(`  MISSING ${what}`);
    say(
      `chaos: ${journal.writes} acknowledged commands, ${result.checked} facts looked at, ${result.missing.length} missing (seed ${seed})`,
    );
    const { short } = journal;
    say(
      short.length === 0
        ? `each command: at least ${GOAL} acknowledged successes`
        : `fewer than ${GOAL} acknowledged successes: ${short.join(', ')}`,
    );
    isGood =
      (short.length === 0 || minutes < GOAL_MINUTES) &&
      result.missing.length === 0 &&
      result.dumpsEqual &&
      result.dumpLines > 0 &&
      mallory.bytes === 0 &&
      mallory.certificates === 0;
    return isGood;
  } finally {
    await house.close(!isGood);
    if (!isGood) say(`what the trackers hold stays in ${house.folder}`);
  }
}

process.exitCode = (await run()) ? 0 : 1;
