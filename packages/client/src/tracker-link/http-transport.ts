import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type Channel, PeerageError } from '@peerage/contract';
import { channelOf, type PinnedTls, type TrackerAddress, unreachable } from './pinned-tls.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** An answer may wait for a queue of password hashes. */
const ANSWER_MS = 15_000;
/** The largest answer is metainfo (64 MiB). */
const ANSWER_BYTES = 65 * 1024 * 1024;

/** Connections as `connect` makes them, one after another. */
class TlsAgent extends Agent {
  readonly #connect: () => Promise<TLSSocket>;

  constructor(connect: () => Promise<TLSSocket>, maxSockets: number) {
    super({ keepAlive: true, maxSockets, keepAliveMsecs: 30_000 });
    this.#connect = connect;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, socket: TLSSocket) => void): undefined {
    this.#connect().then(
      (socket) => callback?.(null, socket),
      (error: Error) => (callback as (error: Error) => void)(error),
    );
  }
}

/** HTTP over TLS to one tracker, over kept connections. Everything that is not an HTTP answer is `tracker_unreachable`. */
export class HttpTransport {
  readonly tracker: TrackerAddress;
  readonly #tls: PinnedTls;
  readonly #agent: Agent;

  constructor(tracker: TrackerAddress, tls: PinnedTls) {
    this.tracker = tracker;
    this.#tls = tls;
    this.#agent = new TlsAgent(async () => (await tls.connect()).socket, 8);
  }

  /** Requests that belong to one connection, which `channel` names; they go one after another, and the connection ends with them. */
  async onOneConnection<Value>(
    steps: (send: (wanted: HttpRequest) => Promise<HttpAnswer>, channel: Channel) => Promise<Value>,
  ): Promise<Value> {
    const opened = await this.#tls.connect();
    const { socket } = opened;
    let given = false;
    const agent = new TlsAgent(async () => {
      if (given) throw unreachable(this.tracker, 'it closed the connection');
      given = true;
      return socket;
    }, 1);
    try {
      return await steps((wanted) => this.send(wanted, agent), channelOf(opened));
    } finally {
      agent.destroy();
      socket.destroy();
    }
  }

  send(wanted: HttpRequest, agent: Agent = this.#agent): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(wanted, agent, ANSWER_MS, reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES) outgoing.destroy(new Error('its answer is too large'));
          else chunks.push(chunk);
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }));
        incoming.on('error', (error) => reject(unreachable(this.tracker, error.message)));
      });
      outgoing.end(wanted.body ?? undefined);
    });
  }

  /** Opens an answer without end; the caller reads and destroys it. */
  stream(wanted: HttpRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(wanted, this.#agent, ANSWER_MS, reject);
      outgoing.on('response', (incoming) => {
        outgoing.setTimeout(0);
        resolve(incoming);
      });
      outgoing.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(wanted: HttpRequest, agent: Agent, timeoutMs: number, reject: (error: PeerageError) => void): ClientRequest {
    const outgoing = request({
      host: this.tracker.host,
      port: this.tracker.port,
      method: wanted.method,
      path: wanted.path,
      headers: { ...wanted.headers, ...(wanted.body ? { 'content-length': wanted.body.length } : {}) },
      agent,
    });
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      reject(error instanceof PeerageError ? error : unreachable(this.tracker, error.code ?? error.message)),
    );
    return outgoing;
  }
}
