import { parentPort, workerData } from 'node:worker_threads';
import { PeerageError } from '@peerage/contract';
import { ClockGuard } from '../life/clock-guard.ts';
import { SqliteStore } from './sqlite-store.ts';
import { createWriter, type Writer } from './writer.ts';
import type { FromWriter, ToWriter, WireError, WriterStart } from './writer-messages.ts';

/** The writer's thread: the SQLite store, which blocks while it waits for the disk, and the rules that decide what goes into it. */

const port = parentPort;
if (!port) throw new Error('the writer runs in a worker thread');
const say = (message: FromWriter): void => port.postMessage(message);

const toWire = (error: unknown): WireError =>
  error instanceof PeerageError
    ? error.toJSON()
    : { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };

async function answer(writer: Writer, message: ToWriter): Promise<unknown> {
  switch (message.kind) {
    case 'run':
      return writer.run(message.name as never, message.input as never, ...([message.caller] as never));
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
  const { databasePath, limits, clock } = workerData as WriterStart;
  const guard = clock ? new ClockGuard(Date.now, () => performance.now(), clock) : undefined;
  const writer = createWriter(new SqliteStore(databasePath, guard && (() => guard.nowMs())), limits, guard);
  writer.watch((puts, written) => say({ kind: 'changed', puts, written }));
  port.on('message', (message: ToWriter) => {
    answer(writer, message)
      .then(
        (result) => say({ kind: 'done', id: message.id, result }),
        (error) => say({ kind: 'refused', id: message.id, error: toWire(error) }),
      )
      .finally(() => {
        if (message.kind === 'close') port.close();
      });
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'failed', error: toWire(error) });
  port.close();
}
