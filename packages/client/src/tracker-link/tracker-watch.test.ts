import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { TrackerWatch } from './tracker-watch.ts';

async function listening(port = 0): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
const addressOf = (server: Server) => {
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, address: `127.0.0.1:${port}`, pin: null };
};

test('one that does not serve is told when it goes and when it is back; the one that serves is not looked at', async () => {
  const [serving, other] = [await listening(), await listening()];
  const [one, two] = [addressOf(serving), addressOf(other)];
  let met = 0;
  serving.on('connection', () => met++);
  let told = Promise.withResolvers<[string, boolean]>();
  const watch = new TrackerWatch(
    [one, two],
    { serving: () => one.address, isReachable: () => true },
    (address, answers) => told.resolve([address, answers]),
    50,
  );
  watch.watch(true);
  watch.watch(true);
  await once(other, 'connection');
  other.close();
  expect(await told.promise).toEqual([two.address, false]);
  told = Promise.withResolvers();
  const back = await listening(two.port);
  expect(await told.promise).toEqual([two.address, true]);
  expect(met).toBe(0);
  watch.watch(false);
  serving.close();
  back.close();
});

test('one whose end was noticed elsewhere is told when it is back, also when it was never seen away; and told once', async () => {
  const [serving, other] = [await listening(), await listening()];
  const [one, two] = [addressOf(serving), addressOf(other)];
  const told: unknown[] = [];
  let looks = 0;
  const looked = Promise.withResolvers<void>();
  other.on('connection', () => {
    if (++looks === 4) looked.resolve();
  });
  const standing = { serving: () => one.address, isReachable: () => false };
  const watch = new TrackerWatch([one, two], standing, (...news) => told.push(news), 20);
  watch.watch(true);
  await looked.promise;
  watch.watch(false);
  expect(told).toEqual([[two.address, true]]);
  serving.close();
  other.close();
});
