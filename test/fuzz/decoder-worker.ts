import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '@peerage/swarm';
import type { OpenedDecoder, Outcome } from './decoder.ts';
import { CURRENT_HEAD_BYTES, type DecoderWork, type FromDecoders } from './decoder-messages.ts';
import { openDecoders } from './decoders/all.ts';
import { Pool } from './pool.ts';
import { noFigures } from './report.ts';

/** One turn of a decoder that asks for no other. */
const TURN_MS = 100;
/** No input may take longer, even on a machine that is busy with other things: then it is tried again. */
const SLOW_MS = 2_000;
/** What a run fills once (pools, caches, code) is there after this part of it. */
const SETTLED_PART = 0.4;

const work = workerData as DecoderWork;
const tell = (message: FromDecoders): void => parentPort!.postMessage(message);
const currentHead = new Int32Array(work.current, 0, 3);
const currentInput = new Uint8Array(work.current, CURRENT_HEAD_BYTES);

const begun = { wallMs: performance.now(), processor: process.threadCpuUsage() };
/** How long this run has taken. */
function runMs(): number {
  if (!work.byProcessor) return performance.now() - begun.wallMs;
  const { user, system } = process.threadCpuUsage(begun.processor);
  return (user + system) / 1000;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const decoders = openDecoders().filter((decoder) => work.only.length === 0 || work.only.includes(decoder.name));
const lines = decoders.map((decoder, number) => ({
  decoder,
  number,
  pool: new Pool(decoder, new Random(work.seed + number)),
  figures: noFigures(decoder.name),
}));

async function checkOnce(line: (typeof lines)[number], decoder: OpenedDecoder): Promise<void> {
  const { pool, figures } = line;
  const input = pool.next();
  currentInput.set(input);
  currentHead[1] = line.number;
  currentHead[2] = input.length;
  Atomics.add(currentHead, 0, 1);
  figures.inputs++;
  try {
    const outcome = await timed(decoder, input);
    if (outcome.accepted) figures.accepted++;
    else figures.refused++;
    pool.learn(input, outcome);
  } catch (error) {
    figures.crashes++;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ type: 'crash', name: decoder.name, input: Uint8Array.from(input), message, afterMs: runMs() });
  }
}

async function timed(decoder: OpenedDecoder, input: Uint8Array): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const startMs = performance.now();
    const checking = decoder.check(input);
    const outcome = 'then' in checking ? await checking : checking;
    const tookMs = performance.now() - startMs;
    if (tookMs < SLOW_MS) return outcome;
    if (tries === 2) throw new Error(`takes ${Math.round(tookMs)} ms for ${input.length} bytes`);
  }
}

async function weigh(moment: 'settled' | 'end'): Promise<void> {
  for (const { decoder } of lines) await decoder.reset?.();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  tell({ type: 'memory', moment, bytes: heapUsed + external });
}

let settled = false;
while (runMs() < work.seconds * 1000) {
  for (const line of lines) {
    const beginMs = performance.now();
    while (performance.now() - beginMs < (line.decoder.turnMs ?? TURN_MS)) await checkOnce(line, line.decoder);
    line.figures.spentMs += performance.now() - beginMs;
  }
  tell({ type: 'figures', figures: lines.map((line) => line.figures) });
  if (!settled && runMs() > work.seconds * 1000 * SETTLED_PART) {
    settled = true;
    await weigh('settled');
  }
}
await weigh('end');
for (const { decoder } of lines) await decoder.close?.();
tell({ type: 'end' });
