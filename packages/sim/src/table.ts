import { crowd, median, runOnce, type StandardRun, WIDE, wordsOf } from './standard-runs.ts';

// `npm run sim -- table`: the crowds that the rules are judged by, all in one go.

interface Row {
  readonly run: StandardRun;
  /** What is wanted of it, at the most; of riders, what they may cost. */
  readonly most: number;
  /** The same crowd without its riders: the figure is the ratio of the two times. */
  readonly against?: StandardRun;
}

const ROWS: readonly Row[] = [
  { run: crowd('flash-crowd'), most: 1.15 },
  { run: crowd('flash-crowd', WIDE), most: 1.12 },
  { run: crowd('flash-crowd', { roundTripMs: 80 }), most: 1.3 },
  { run: crowd('seeder-leaves'), most: 1.25 },
  { run: crowd('seeder-leaves', WIDE), most: 1.25 },
  { run: crowd('flash-crowd', { peers: 41, ...WIDE }), most: 1.15 },
  { run: crowd('mixed-links', { peers: 41, ...WIDE }), most: 1.2 },
  { run: crowd('slow-peers', { peers: 41, ...WIDE }), most: 1.25 },
  { run: crowd('slow-peers', { peers: 41, pieces: 512 }), most: 1.25 },
  {
    run: crowd('free-riders', { peers: 41, pieces: 256 }),
    against: crowd('flash-crowd', { peers: 31, pieces: 256 }),
    most: 1.1,
  },
  {
    run: crowd('free-riders', { peers: 41, pieces: 256, ...WIDE }),
    against: crowd('flash-crowd', { peers: 31, pieces: 256, ...WIDE }),
    most: 1.1,
  },
  { run: crowd('flash-crowd', { peers: 41, pieces: 512 }), most: 1.15 },
  { run: crowd('flash-crowd', { peers: 101, pieces: 512 }), most: 1.15 },
];

/** Runs the rows whose words hold `part`, each with all seeds, and prints them one by one. False where there is none. */
export function printTable(seeds: readonly number[], part: string): boolean {
  const rows = ROWS.filter(({ run }) => wordsOf(run).includes(part));
  if (rows.length === 0) return false;
  process.stdout.write('median (each seed)            wanted  crowd\n');
  for (const { run, most, against } of rows) {
    const words = wordsOf(run);
    const figures = seeds.map((seed) => {
      const { durationMs, fluidBoundMs } = runOnce(run, seed);
      return durationMs / (against === undefined ? fluidBoundMs : runOnce(against, seed).durationMs);
    });
    const each = figures.map((figure) => figure.toFixed(3)).join(' ');
    const what = against === undefined ? '' : `, beside ${wordsOf(against)}`;
    process.stdout.write(
      `${`${median(figures).toFixed(3)} (${each})`.padEnd(30)}≤ ${most.toFixed(2)}  ${words}${what}\n`,
    );
  }
  return true;
}
