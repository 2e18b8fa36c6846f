// The fuzzer: npm run fuzz [-- seconds]. More: npm run fuzz -- --help.
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzDecoders } from '../test/fuzz/fuzz-decoders.ts';
import { writeCorpus } from '../test/fuzz/inputs.ts';
import { table } from '../test/fuzz/report.ts';

const usage = `npm run fuzz [-- <seconds>] [options]        60 seconds where none are given; exit code 1 on a crash

  --seed <n>        the same inputs again (printed by every run)
  --only <name>     only this decoder, no live ports; may be given again
  --decoders        no live ports
  --stop            end at the first crash; no live ports; seconds of the processor
  --corpus          write test/fuzz/corpus anew from the encoders, and end
  --planted         show that planted decoder bugs are found, each in <seconds> of the processor
`;
/** Live memory, after a collection, that a run of the decoders may end with beyond what it had once it had settled. */
const MOST_GROWTH_BYTES = 96 * 1024 * 1024;
/** Of the processes behind the ports only resident memory is seen, which the collector lets rise by tens of MiB: what leaks 4 KiB an input is beyond this in ten minutes. */
const MOST_RESIDENT_GROWTH_BYTES = 192 * 1024 * 1024;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    decoders: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
    corpus: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const root = dirname(import.meta.dirname);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const seconds = Number(positionals[0] ?? 60);

if (values.help || !(seconds > 0)) say(usage);
else if (values.corpus) {
  const { openDecoders } = await import('../test/fuzz/decoders/all.ts');
  const { openLiveHouse } = await import('../test/fuzz/live/live-house.ts');
  for (const decoder of openDecoders()) {
    writeCorpus(decoder.name, decoder.seeds());
    await decoder.close?.();
  }
  const house = await openLiveHouse();
  for (const port of house.ports) writeCorpus(port.name, port.seeds());
  await house.close();
} else if (values.planted) {
  const { findPlanted } = await import('../test/fuzz/planted.ts');
  if (!(await findPlanted(root, seconds, seed, say))) process.exitCode = 1;
} else {
  say(`seed ${seed}`);
  const wantsPorts = !values.decoders && !values.stop && values.only.length === 0;
  const noPorts = { figures: [], crashes: 0, growthBytes: {} };
  // Loaded only where they are wanted: a search for one planted bug is shorter than that.
  const fuzzingPorts = wantsPorts
    ? import('../test/fuzz/live/fuzz-ports.ts').then(({ fuzzPorts }) => fuzzPorts(seed, seconds, say))
    : noPorts;
  const fuzzingDecoders = fuzzDecoders({ seed, seconds, only: values.only, stopAtCrash: values.stop, say });
  // Whatever becomes of the decoders: the processes behind the ports are stopped.
  const decoders = await fuzzingDecoders.finally(() => fuzzingPorts);
  const ports = await fuzzingPorts;
  const figures = [...decoders.figures, ...ports.figures];
  say(table(figures));
  const growth = { decoders: decoders.growthBytes ?? 0, ...ports.growthBytes };
  const shown = Object.entries(growth).map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(1)} MiB`);
  say(`memory grew after the run had settled: ${shown.join(', ')}`);
  const mostOf = (name: string) => (name === 'decoders' ? MOST_GROWTH_BYTES : MOST_RESIDENT_GROWTH_BYTES);
  const grown = Object.entries(growth).filter(([name, bytes]) => bytes > mostOf(name));
  for (const [name] of grown)
    say(`${name}: that is more than ${mostOf(name) / 2 ** 20} MiB: something grows without bound`);
  const tooMuch = grown.length > 0;
  if (decoders.crashes + ports.crashes > 0 || tooMuch) process.exitCode = 1;
}
