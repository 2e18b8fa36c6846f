import { Worker } from 'node:worker_threads';
import { CURRENT_BYTES, CURRENT_HEAD_BYTES, type DecoderWork, type FromDecoders } from './decoder-messages.ts';
import { saveCrash } from './inputs.ts';
import type { Figures } from './report.ts';

/** An input that is under way this long hangs; nothing but ending the thread stops it. */
const HANG_MS = 20_000;
const MOST_SAVED = 3;

export interface DecodersRun {
  readonly figures: readonly Figures[];
  readonly crashes: number;
  /** Live memory at the end less that when the run had settled; undefined where a crash ended it. */
  readonly growthBytes: number | undefined;
}

interface DecodersOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly only: readonly string[];
  readonly stopAtCrash: boolean;
  readonly say: (line: string) => void;
}

/** Fuzzes all decoders, in turns, in a thread of their own that is ended where one hangs. */
export function fuzzDecoders(options: DecodersOptions): Promise<DecodersRun> {
  const { seed, seconds, only, stopAtCrash, say } = options;
  const current = new SharedArrayBuffer(CURRENT_HEAD_BYTES + CURRENT_BYTES);
  const head = new Int32Array(current, 0, 3);
  const worker = new Worker(new URL('./decoder-worker.ts', import.meta.url), {
    workerData: { seed, seconds, only, current, byProcessor: stopAtCrash } satisfies DecoderWork,
  });
  const saved = new Map<string, Set<string>>();
  const memory = { settled: 0, end: 0 };
  let figures: readonly Figures[] = [];
  let crashes = 0;

  const crashed = (name: string, input: Uint8Array, message: string) => {
    crashes++;
    const kinds = saved.get(name) ?? new Set();
    saved.set(name, kinds);
    const kind = message
      .split('\n')[0]!
      .replace(/"[^"]*"|[0-9a-f]*\d[0-9a-f]*/g, '#')
      .slice(0, 120);
    if (kinds.has(kind) || kinds.size === MOST_SAVED) return;
    kinds.add(kind);
    say(`crash in ${name}: ${message.split('\n').slice(0, 4).join('\n  ')}\n  saved as ${saveCrash(name, input)}`);
  };

  return new Promise((resolve, reject) => {
    let seen = -1;
    const watch = setInterval(() => {
      const count = Atomics.load(head, 0);
      if (count === seen && count > 0) {
        const input = Uint8Array.from(new Uint8Array(current, CURRENT_HEAD_BYTES, head[2]!));
        crashed(figures[head[1]!]?.name ?? 'unknown', input, `hangs for more than ${HANG_MS / 1000} s`);
        end(undefined);
      }
      seen = count;
    }, HANG_MS);
    const end = (growthBytes: number | undefined) => {
      clearInterval(watch);
      void worker.terminate().then(() => resolve({ figures, crashes, growthBytes }));
    };
    worker.on('message', (message: FromDecoders) => {
      if (message.type === 'figures') figures = message.figures;
      else if (message.type === 'memory') memory[message.moment] = message.bytes;
      else if (message.type === 'end') end(memory.end - memory.settled);
      else {
        crashed(message.name, message.input, message.message);
        if (!stopAtCrash) return;
        say(`after ${(message.afterMs / 1000).toFixed(1)} s`);
        end(undefined);
      }
    });
    worker.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}
