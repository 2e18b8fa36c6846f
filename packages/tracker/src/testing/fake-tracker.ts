import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { exportedOf, LINK_HEADER, proofOf } from '../replication/link-proof.ts';
import type { Op } from '../replication/op.ts';
import { encodeAnswer } from '../replication/wire.ts';
import { portIdentityIn } from '../tls/port-identity.ts';
import type { TrackerSet } from './pair.ts';

/** Tracker 2 of a pair, as somebody with the cluster's secret might make it. */
export class FakeTracker {
  readonly #server: Server;
  readonly #folder: string;
  readonly #sockets = new Set<Socket>();
  /** Of the key that its port shows, as hex. */
  readonly pin: string;
  /** What it says it has; answered to every pull. */
  ops: readonly Op[] = [];
  vector: Record<string, number> = {};
  /** In place of an answer. */
  raw: Buffer | undefined;
  key: Uint8Array;
  pulls = 0;

  private constructor(set: TrackerSet, server: Server, folder: string, pin: Buffer) {
    this.#server = server;
    this.#folder = folder;
    this.pin = pin.toString('hex');
    this.key = set.secret.key;
  }

  static async start(set: TrackerSet): Promise<FakeTracker> {
    const folder = mkdtempSync(join(tmpdir(), 'peerage-fake-tracker-'));
    const { key, certificate, pin } = await portIdentityIn(folder);
    const pem = key.export({ type: 'pkcs8', format: 'pem' });
    const server = createServer({ key: pem, cert: certificate, minVersion: 'TLSv1.3' });
    const fake = new FakeTracker(set, server, folder, pin);
    server.on('request', (request, response) => {
      request.resume();
      const secret = { id: set.secret.id, key: fake.key };
      const exported = exportedOf(request.socket as TLSSocket);
      response.setHeader(LINK_HEADER, proofOf(secret, { role: 'answer', from: 2, to: 1 }, exported));
      if (request.url !== '/replica/pull') return void response.writeHead(404).end();
      fake.pulls++;
      response.end(fake.raw ?? fake.answer());
    });
    server.on('connection', (socket: Socket) => void fake.#sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(set.ports[1], '127.0.0.1', resolve));
    return fake;
  }

  answer(): Uint8Array {
    const told = { node: 'f'.repeat(16), origin: 'e'.repeat(16), vector: this.vector, nowMs: Date.now() };
    return encodeAnswer({ ...told, answer: 'ops', replaces: false }, this.ops);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // closeAllConnections() leaves one whose handshake is under way, over which a tracker then pulls for ever.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.#folder, { recursive: true });
  }
}
