import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract/bare';
import { certifiedLinks } from '../net/certified-links.ts';
import { Engine } from './engine.ts';
import type { EngineAnswer, EngineRequest } from './engine-protocol.ts';

/** So much nicer than the rest of the process, and with it the threads that hash behind downloads: whoever waits for an answer comes first, also where both processors are busy. */
const NICER = 5;
/** The thread that compiles for all of them, for tens of milliseconds at a time while a download is young, and helps to collect garbage. */
const COMPILER = 'V8Worker';

/** Only Linux counts this by thread; elsewhere the whole process would go behind all others. */
function letOthersGoFirst(): void {
  if (process.platform !== 'linux') return;
  try {
    const priority = Math.min(19, getPriority() + NICER);
    setPriority(priority);
    for (const thread of readdirSync('/proc/self/task')) {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
      if (name === COMPILER) setPriority(Number(thread), priority);
    }
  } catch {
    // A container may forbid it, or a thread has just ended: answers take longer at full load then, and nobody can do anything about it here.
  }
}

letOthersGoFirst();

/** The engine's thread: requests come as `{id, request}`, answers and events go as they are. */
const port = parentPort!;
const engine = new Engine({ links: certifiedLinks, onEvent: (event) => port.postMessage(event) });

port.on('message', async ({ id, request }: { id: number; request: EngineRequest }) => {
  port.postMessage(await answer(id, request));
  if (request.type === 'shutdown') port.close();
});

async function answer(id: number, request: EngineRequest): Promise<EngineAnswer> {
  try {
    return { id, ok: true, value: await engine.handle(request) };
  } catch (error) {
    if (error instanceof PeerageError) return { id, ok: false, code: error.code, message: error.message };
    const message = `a defect of the engine (${error instanceof Error ? error.message : error}): the log in the home has more`;
    return { id, ok: false, code: 'internal', message, defect: error };
  }
}
