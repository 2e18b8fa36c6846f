import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readBuffer, readChunks, TURN_BYTES } from './read-chunks.ts';

const open: { destroy(): void }[] = [];
let server: net.Server | undefined;
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy();
  const closing = server;
  server = undefined;
  if (closing) await new Promise((closed) => closing.close(closed));
});

/** So many connections to this process, both ends of each. */
async function pairs(count: number): Promise<{ near: net.Socket; far: net.Socket }[]> {
  server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const made: { near: net.Socket; far: net.Socket }[] = [];
  for (let at = 0; at < count; at++) {
    const far = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [near] = (await once(server, 'connection')) as [net.Socket];
    open.push(near, far);
    made.push({ near, far });
  }
  return made;
}

test('whatever waits in sockets, one turn reads half a mebibyte of it, and the next ones all that is left', async () => {
  const sent = [randomBytes(8 * TURN_BYTES), randomBytes(4 * TURN_BYTES), randomBytes(4 * TURN_BYTES)];
  const received: Buffer[][] = sent.map(() => []);
  const turns: number[] = [0];
  let isTurnCounted = false;
  const made = await pairs(sent.length);
  const ended = made.map(({ near, far }, at) => {
    far.end(sent[at]!);
    readChunks(near, (chunk) => {
      received[at]!.push(Buffer.from(chunk));
      turns[turns.length - 1]! += chunk.length;
      if (isTurnCounted) return;
      isTurnCounted = true;
      setImmediate(() => {
        isTurnCounted = false;
        turns.push(0);
      });
    });
    return once(near, 'end');
  });
  await Promise.all(ended);
  expect(received.map((chunks, at) => Buffer.concat(chunks).equals(sent[at]!))).toEqual([true, true, true]);
  // Each socket brings what it read at once, also where the first one filled the turn.
  expect(Math.max(...turns)).toBeLessThan(TURN_BYTES + sent.length * readBuffer.length);
  expect(Math.max(...turns)).toBeGreaterThanOrEqual(TURN_BYTES);
});

test('a socket that its owner paused in the turn that it filled stays paused', async () => {
  const [pair] = await pairs(1);
  const { near, far } = pair!;
  let receivedBytes = 0;
  let turnBytes = 0;
  let mayPause = true;
  const paused = once(near, 'pause');
  readChunks(near, (chunk) => {
    receivedBytes += chunk.length;
    if (turnBytes === 0) {
      setImmediate(() => {
        turnBytes = 0;
      });
    }
    turnBytes += chunk.length;
    if (!mayPause || turnBytes < TURN_BYTES) return;
    mayPause = false;
    near.pause();
  });
  far.end(randomBytes(16 * TURN_BYTES));
  await paused;
  const pausedAt = receivedBytes;
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done));
  expect(receivedBytes).toBe(pausedAt);
  near.resume();
  await once(near, 'end');
  expect(receivedBytes).toBe(16 * TURN_BYTES);
});
