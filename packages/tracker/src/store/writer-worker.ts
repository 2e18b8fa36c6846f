import { parentPort, workerData } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import type { Entity } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';
import { ClockGuard } from '../life/clock-guard.ts';
import { StallFence } from '../life/stall-fence.ts';
import { threadsMs } from '../life/threads-ms.ts';
import { MOST_LOG_BYTES } from './sqlite-format.ts';
import { SqliteStore } from './sqlite-store.ts';
import { createWriter, type Writer } from './writer.ts';
import type { FromWriter, Said, ToWriter, WireError, WriterStart } from './writer-messages.ts';

/**
 * The writer's thread: the SQLite store, and the rules that decide what goes into it. What is committed is brought to disk by whoever hears of it (writer-thread.ts) while the next transaction is worked
 * out here: with whatever this thread says, answers to questions too, it says how many commits that may rest on.
 */

const port = parentPort;
if (!port) throw new Error('the writer runs in a worker thread');
/** The write-ahead log counts as used: on a small budget it stays small. */
const LOG_PART_OF_BUDGET = 32;

let said: FromWriter[] = [];

/** How many commits there are; nothing is written before the store is open. */
let commits = (): number => 0;

/** Sent when everything that follows from one thing has been said: all that a transaction changed and answers is one message. */
function say(message: FromWriter): void {
  said.push(message);
  if (said.length === 1) process.nextTick(send);
}

function send(): void {
  const messages = said;
  said = [];
  port?.postMessage({ commits: commits(), messages } satisfies Said);
}

const toWire = (error: unknown): WireError =>
  error instanceof PeerageError
    ? error.toJSON()
    : { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };

/** Rows that only rules read cross for nothing. */
const isHeard = ({ entity, former }: Put): boolean => !UNHEARD.has(entity) || former !== undefined;
const UNHEARD: ReadonlySet<Entity> = new Set([
  'command',
  'application',
  'file_name',
  'membership_of_user',
  'intent_of_device',
]);

async function answer(writer: Writer, message: ToWriter): Promise<unknown> {
  switch (message.kind) {
    case 'run':
      return writer.run(message.name as never, message.input as never, ...([message.caller] as never));
    case 'runThenAsk':
      return writer.runThenAsk(message.command as never, message.question as never, message.caller);
    case 'tookEffect':
      return writer.tookEffect(message.caller);
    case 'log':
      return (writer.log[message.method] as (...args: readonly unknown[]) => Promise<unknown>)(...message.args);
    case 'health':
      return writer.health();
    case 'close':
      return writer.close();
  }
}

try {
  const { databasePath, budgetBytes, limits, guards } = workerData as WriterStart;
  const guarded = guards && {
    clock: new ClockGuard(Date.now, () => performance.now(), guards.clock),
    fence: new StallFence(guards.fence, threadsMs, Date.now),
  };
  const logBytes = Math.min(MOST_LOG_BYTES, (budgetBytes ?? Number.POSITIVE_INFINITY) / LOG_PART_OF_BUDGET);
  const store = new SqliteStore(databasePath, {
    ...(guarded && { wallMs: () => guarded.clock.nowMs() }),
    logBytes,
    waitsForDisk: false,
  });
  commits = () => store.commits;
  const writer = createWriter(store, limits, guarded ?? {});
  writer.watch((puts, written) => {
    const heard = puts.filter(isHeard);
    const last = said.at(-1);
    if (last?.kind === 'changed' && last.written.origin === written.origin && last.written.seq === written.seq) {
      last.commits.push(heard);
    } else say({ kind: 'changed', commits: [heard], written });
  });
  const take = (message: ToWriter): void => {
    answer(writer, message)
      .then(
        (result) => say({ kind: 'done', id: message.id, result }),
        (error) => say({ kind: 'refused', id: message.id, error: toWire(error) }),
      )
      .finally(() => {
        if (message.kind === 'close') process.nextTick(() => port.close());
      });
  };
  port.on('message', (messages: readonly ToWriter[]) => messages.forEach(take));
  say({ kind: 'ready' });
} catch (error) {
  port.postMessage({ commits: 0, messages: [{ kind: 'failed', error: toWire(error) }] } satisfies Said);
  port.close();
}
