import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import { Engine } from './engine.ts';
import type { EngineAnswer, EngineRequest } from './engine-protocol.ts';

/** So much nicer than the rest of the process, and with it the threads that hash behind downloads: whoever waits for an answer comes first, also where both processors are busy. */
const NICER = 2;

/** Only Linux counts this by thread; elsewhere the whole process would go behind all others. */
function letOthersGoFirst(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(19, getPriority() + NICER));
  } catch {
    // A container may forbid it: answers take longer at full load then, and nobody can do anything about it here.
  }
}

letOthersGoFirst();

/** The engine's thread: requests come as `{id, request}`, answers and events go as they are. */
const port = parentPort!;
const engine = new Engine({ onEvent: (event) => port.postMessage(event) });

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
