import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Cluster } from './cluster.ts';
import { exportedOf, LINK_HEADER, pinShownOn, proofOf, senderOf } from './link-proof.ts';

export interface LinkCall {
  readonly path: string;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  /** More than that is not read. */
  readonly mostBytes: number;
}

/** Why a call over a link has no answer. */
export class LinkError extends Error {
  readonly state: 'unreachable' | 'refused';

  constructor(state: 'unreachable' | 'refused', reason: string) {
    super(reason);
    this.state = state;
  }
}

/**
 * Calls to another tracker. Each request shows that this tracker knows the cluster's secret, for the connection it is sent on; an answer that does not show
 * the same is not read. The key that the other's port shows is not compared: the secret, bound to the connection, says more, and shows whose key that is.
 */
export class Link {
  readonly #cluster: Cluster;
  readonly #to: number;
  /** A connection for each kind of call: a pull waits for news, metainfo is large, presence can't wait for either. */
  readonly #agents = new Map<string, Agent>();
  /** What the other's port showed on each connection; the system forgets it while the connection lives. */
  readonly #shown = new WeakMap<TLSSocket, string>();
  #pin: string | undefined;

  constructor(cluster: Cluster, to: number) {
    this.#cluster = cluster;
    this.#to = to;
  }

  /** SHA-256 of the key that the other tracker showed, as hex, where it has proven the secret on that connection; undefined before. */
  get pin(): string | undefined {
    return this.#pin;
  }

  /** The body of the answer. Rejects with {@link LinkError}. */
  async call(call: LinkCall): Promise<Buffer> {
    const [secret] = this.#cluster.secrets;
    const { number, trackers } = this.#cluster;
    const tracker = trackers[this.#to - 1];
    if (!secret || !tracker)
      throw new LinkError('refused', 'there is no cluster secret: make one with peerage tracker keygen');
    return new Promise((resolve, reject) => {
      // Not a signal: one would run out, with an exception, long after each of thousands of calls was answered.
      const timer = setTimeout(() => fail(new LinkError('unreachable', 'it does not answer')), call.timeoutMs);
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        asked.destroy();
        reject(error instanceof LinkError ? error : new LinkError('unreachable', wordsOf(error)));
      };
      const asked = request({
        host: tracker.host,
        port: tracker.port,
        method: 'POST',
        path: call.path,
        agent: this.#agentFor(call.path),
        headers: { 'content-type': 'application/json', 'content-length': call.body.length },
      });
      asked.on('error', fail);
      asked.once('socket', (socket) =>
        whenSecure(socket as TLSSocket, () => {
          if (asked.destroyed) return;
          if (!this.#shown.has(socket as TLSSocket))
            this.#shown.set(socket as TLSSocket, pinShownOn(socket as TLSSocket));
          const ends = { role: 'request', from: number, to: this.#to } as const;
          asked.setHeader(LINK_HEADER, proofOf(secret, ends, exportedOf(socket as TLSSocket)));
          asked.end(call.body);
        }),
      );
      asked.once('response', (answer) => {
        const exported = exportedOf(answer.socket as TLSSocket);
        const sender = senderOf(
          answer.headers[LINK_HEADER],
          this.#cluster.secrets,
          { role: 'answer', to: number },
          exported,
        );
        if (sender !== this.#to)
          return fail(new LinkError('refused', 'it does not show that it knows the cluster secret'));
        this.#pin = this.#shown.get(answer.socket as TLSSocket) ?? this.#pin;
        // What refuses is read to its end too: the connection stays, and a new one costs more than many calls.
        read(answer, call.mostBytes).then((body) => {
          clearTimeout(timer);
          if (answer.statusCode === 200) resolve(body);
          else reject(new LinkError('refused', `it answers with status ${answer.statusCode}`));
        }, fail);
      });
    });
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agentFor(path: string): Agent {
    const agent = this.#agents.get(path) ?? newAgent();
    this.#agents.set(path, agent);
    return agent;
  }
}

const newAgent = (): Agent =>
  new Agent({
    keepAlive: true,
    maxSockets: 1,
    maxCachedSessions: 0,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
  });

function whenSecure(socket: TLSSocket, then: () => void): void {
  // A kept connection has its keys; of a new one they are there with `secureConnect`.
  if (!socket.connecting && socket.getFinished() !== undefined) then();
  else socket.once('secureConnect', then);
}

async function read(answer: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new LinkError('refused', 'its answer is larger than allowed');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
