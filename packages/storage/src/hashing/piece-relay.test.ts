import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { PieceRelay } from './piece-relay.ts';

test('pieces go round through a few places, each handed over whole', () => {
  const memory = PieceRelay.memory(4, 3);
  const reader = new PieceRelay(memory);
  const taker = new PieceRelay(memory);
  let taken = 0;
  for (let piece = 0; piece < 20; piece++) {
    reader.placeFor(piece).fill(piece);
    reader.fill(piece);
    if (piece % 3 !== 2) continue;
    for (; taken <= piece; taken++) {
      expect([...taker.take(taken)!]).toEqual([taken, taken, taken, taken]);
      taker.letGo(taken);
    }
  }
  reader.noMore();
  expect([...taker.take(18)!]).toEqual([18, 18, 18, 18]);
  expect([...taker.take(19)!]).toEqual([19, 19, 19, 19]);
  expect(taker.take(20)).toBeUndefined();
});

test('where nothing comes at all', () => {
  const relay = new PieceRelay(PieceRelay.memory(4, 3));
  relay.noMore();
  expect(relay.take(0)).toBeUndefined();
});

test('both ends wait for each other, whichever is slower', async () => {
  const memory = PieceRelay.memory(1024, 2);
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ PieceRelay }) => {
      const relay = new PieceRelay(workerData.memory);
      let right = 0;
      for (let piece = 0, bytes; (bytes = relay.take(piece)); piece++) {
        if (bytes.every((byte) => byte === piece % 256)) right++;
        relay.letGo(piece);
      }
      parentPort.postMessage(right);
    });`;
  const module = new URL('./piece-relay.ts', import.meta.url).href;
  const worker = new Worker(code, { eval: true, workerData: { module, memory } });
  const relay = new PieceRelay(memory);
  for (let piece = 0; piece < 1000; piece++) {
    relay.placeFor(piece).fill(piece % 256);
    relay.fill(piece);
  }
  relay.noMore();
  expect((await once(worker, 'message'))[0]).toBe(1000);
  await worker.terminate();
});
