/**
 * The product's piece engine over plain TCP, in a process of its own and without anything around it: `plain-peer.ts TASK`. The product has no command that does this; it is measured
 * to say what mutual TLS costs, and how the engine compares with others on their transport. A seeder writes its port when it is ready, a leecher `done` when the file has its final name.
 */
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Engine } from '../../packages/client/src/engine/engine.ts';
import type { ListenAddress, PeerCandidate } from '../../packages/client/src/engine/engine-protocol.ts';
import { plainLinks } from '../../packages/client/src/net/plain-tcp.ts';

export type PlainTask = {
  readonly device: string;
  readonly share: string;
  /** Where the metainfo is. */
  readonly infoPath: string;
  /** What is seeded, or where it is to come. */
  readonly path: string;
} & (
  | { readonly role: 'seed'; readonly identity: string }
  | { readonly role: 'leech'; readonly peers: readonly PeerCandidate[] }
);

const HOST = '127.0.0.1';
const task = JSON.parse(process.argv[2]!) as PlainTask;
const { device, share, path } = task;
const info = readFileSync(task.infoPath);
const engine = new Engine({
  links: plainLinks(),
  onEvent: (event) => {
    if (event.type === 'completed') process.stdout.write('done\n');
    else if (event.type === 'failed') throw new Error(event.message);
  },
});
const { port } = (await engine.handle({ type: 'listen', host: HOST, port: 0 })) as ListenAddress;
await engine.handle({ type: 'identify', self: { device, user: 'bench' } });
if (task.role === 'seed') {
  await engine.handle({ type: 'seed', share, info, path, identity: task.identity });
  flushCompileCache(); // seeders end by a signal, which writes nothing: leechers start from it as the product does from its own
  process.stdout.write(`${port}\n`);
} else {
  const journal = `${path}.journal`;
  await engine.handle({ type: 'fetch', share, info, destination: path, journal, paused: false });
  await engine.handle({ type: 'peers', share, peers: task.peers });
}
