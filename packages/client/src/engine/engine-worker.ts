import { parentPort } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import { Engine } from './engine.ts';
import type { EngineAnswer, EngineRequest } from './engine-protocol.ts';

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
