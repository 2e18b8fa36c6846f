import { Worker } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract/bare';
import type { EngineAnswer, EngineEvent, EngineRequest, EngineValue } from './engine-protocol.ts';

/** The engine in a thread of its own, so that commands are answered at once while it works at full load. */
export interface EngineThread {
  /** Rejects with PeerageError, also when the thread has ended. */
  request(request: EngineRequest): Promise<EngineValue>;
  /** Stops all transfers where they are and ends the thread. Safe to call twice. */
  close(): Promise<void>;
}

interface EngineThreadOptions {
  readonly onEvent: (event: EngineEvent) => void;
  /** Something that must not happen did, for the log; `ended`: the thread broke down with it, and nothing goes on. */
  readonly onDefect: (defect: unknown, ended: boolean) => void;
}

/** Beside this file in the source; beside the program's main file when everything is bundled into one folder. */
const workerUrl = () =>
  new URL(import.meta.url.endsWith('.ts') ? './engine-worker.ts' : './client-engine-worker.js', import.meta.url);

export function startEngine({ onEvent, onDefect }: EngineThreadOptions): EngineThread {
  const worker = new Worker(workerUrl(), { name: 'engine' });
  const waiting = new Map<number, PromiseWithResolvers<EngineValue>>();
  let lastId = 0;
  let ended: PeerageError | undefined;
  let closing: Promise<void> | undefined;

  const end = (error: PeerageError) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (message: EngineAnswer | EngineEvent) => {
    if (!('id' in message)) {
      onEvent(message);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) asked?.resolve(message.value);
    else {
      if (message.defect !== undefined) onDefect(message.defect, false);
      asked?.reject(new PeerageError(message.code, message.message));
    }
  });
  worker.on('error', (error) => {
    onDefect(error, true);
    end(new PeerageError('internal', `the engine broke down (${error.message}): start the client again`));
  });
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      end(new PeerageError('internal', 'the engine has ended: start the client again'));
      resolve();
    });
  });

  const request = (asked: EngineRequest): Promise<EngineValue> => {
    if (ended !== undefined) return Promise.reject(ended);
    const id = ++lastId;
    const answer = Promise.withResolvers<EngineValue>();
    waiting.set(id, answer);
    worker.postMessage({ id, request: asked });
    return answer.promise;
  };

  return {
    request,
    close() {
      // A thread that broke down meanwhile has ended too.
      closing ??= request({ type: 'shutdown' }).then(
        () => exited,
        () => exited,
      );
      return closing;
    },
  };
}
