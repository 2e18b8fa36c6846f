import { Worker } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import type { ReplicationLog } from '../replication/replication-log.ts';
import { LogSync } from './log-sync.ts';
import type { AnyCaller, Writer } from './writer.ts';
import type { FromWriter, Said, ToWriter, WireError, WriterStart } from './writer-messages.ts';

/** The worker's entry, from source and in the packed form, where it lies beside main.js. */
const workerEntry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './tracker-writer-worker.js', import.meta.url);

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** So many questions go at once, though more came with one look at the sockets: the other thread begins with them while this one reads on. */
const MOST_AT_ONCE = 32;

type Question<M> = M extends { readonly id: number } ? Omit<M, 'id'> : never;

/**
 * A writer in a thread of its own. Resolves when the store is open. Always true: nothing that the thread says is heard here before what it may rest on is on disk; every question has one entry in
 * `waiting` until it is answered; when the thread dies, or the disk does not take what was committed, all are refused and `onDeath` is called once, unless it was closed.
 */
export function startWriterThread(start: WriterStart, onDeath: (error: Error) => void): Promise<Writer> {
  const worker = new Worker(workerEntry(), { workerData: start });
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<Parameters<Writer['watch']>[0]>();
  let lastId = 0;
  let asked: ToWriter[] = [];
  let closing = false;
  let dead: Error | undefined;
  /** From the first word of an open store on. */
  let log: LogSync | undefined;

  /** What was asked for since the last time. */
  const send = (): void => {
    if (asked.length === 0) return;
    worker.postMessage(asked);
    asked = [];
  };

  const ask = (question: Question<ToWriter>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(dead);
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      asked.push({ ...question, id });
      if (asked.length === 1) setImmediate(send);
      if (asked.length === MOST_AT_ONCE) send();
    });

  const writer: Writer = {
    run: ((name: string, input: unknown, caller: AnyCaller = {}) =>
      ask({ kind: 'run', name, input, caller })) as Writer['run'],
    runThenAsk: (command, question, caller) => ask({ kind: 'runThenAsk', command, question, caller }) as never,
    tookEffect: (caller) => ask({ kind: 'tookEffect', caller }) as Promise<boolean>,
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    log: logOver((method, args) => ask({ kind: 'log', method, args })),
    health: () => ask({ kind: 'health' }) as Promise<boolean>,
    async close() {
      if (dead) return;
      closing = true;
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      await ask({ kind: 'close' });
      await exited;
    },
  };

  return new Promise((resolve, reject) => {
    const die = (error: Error): void => {
      if (dead) return;
      dead = error;
      for (const { reject: refuse } of waiting.values()) refuse(error);
      waiting.clear();
      log?.close();
      reject(error);
      if (!closing) onDeath(error);
    };
    const take = (message: FromWriter): void => {
      switch (message.kind) {
        case 'ready':
          resolve(writer);
          return;
        case 'failed':
          closing = true; // never was open: the caller is told by the rejection
          die(fromWire(message.error));
          return;
        case 'changed':
          for (const puts of message.commits) for (const listener of listeners) listener(puts, message.written);
          return;
        default: {
          const asked = waiting.get(message.id);
          waiting.delete(message.id);
          if (message.kind === 'done') asked?.resolve(message.result);
          else asked?.reject(fromWire(message.error));
        }
      }
    };
    const onLogLost = (error: Error): void => {
      die(new Error(`the disk did not take what was committed: ${error.message}`, { cause: error }));
      void worker.terminate();
    };
    const whenOnDisk = (commits: number, then: () => void): void => {
      if (commits === 0) {
        then(); // no store is open
        return;
      }
      try {
        log ??= new LogSync(`${start.databasePath}-wal`, onLogLost);
      } catch (error) {
        onLogLost(error as Error);
        return;
      }
      log.committed(commits);
      log.whenOnDisk(then);
    };
    worker.on('message', ({ commits, messages }: Said) => whenOnDisk(commits, () => messages.forEach(take)));
    worker.on('error', die);
    worker.on('exit', () => {
      const end = () => die(new Error('the writer thread ended'));
      if (log) log.whenOnDisk(end);
      else end();
    });
  });
}

/** The thread's replication log, method by method. */
function logOver(ask: (method: keyof ReplicationLog, args: readonly unknown[]) => Promise<unknown>): ReplicationLog {
  const over = <M extends keyof ReplicationLog>(method: M): ReplicationLog[M] =>
    ((...args: readonly unknown[]) => ask(method, args)) as ReplicationLog[M];
  return {
    begin: over('begin'),
    answer: over('answer'),
    rows: over('rows'),
    merge: over('merge'),
    mergePage: over('mergePage'),
    truncate: over('truncate'),
    collect: over('collect'),
    follow: over('follow'),
    remember: over('remember'),
  };
}

const fromWire = (error: WireError): Error =>
  'code' in error ? new PeerageError(error.code, error.message) : new Error(error.defect);
