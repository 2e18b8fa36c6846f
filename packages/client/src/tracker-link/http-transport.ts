import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { PeerageError } from '@peerage/contract';

export interface TrackerAddress {
  readonly host: string;
  readonly port: number;
  /** As the tracker file writes it; for people. */
  readonly address: string;
}

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

/** A tracker that does not take a connection in this time is passed over: failover has to be done within 2 s. */
const CONNECT_MS = 1_500;
/** An answer may wait for a queue of password hashes. */
const ANSWER_MS = 15_000;
/** The largest answer is metainfo (64 MiB). */
const ANSWER_BYTES = 65 * 1024 * 1024;

const unreachable = (tracker: TrackerAddress, why: string) =>
  new PeerageError('tracker_unreachable', `the tracker ${tracker.address} does not answer (${why})`);

/** HTTP to one tracker over kept connections. Everything that is not an HTTP answer is `tracker_unreachable`. */
export class HttpTransport {
  readonly tracker: TrackerAddress;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8, keepAliveMsecs: 30_000 });

  constructor(tracker: TrackerAddress) {
    this.tracker = tracker;
  }

  send(wanted: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(wanted, ANSWER_MS, reject);
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
      const outgoing = this.#open(wanted, ANSWER_MS, reject);
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

  #open(wanted: HttpRequest, timeoutMs: number, reject: (error: PeerageError) => void): ClientRequest {
    const outgoing = request({
      host: this.tracker.host,
      port: this.tracker.port,
      method: wanted.method,
      path: wanted.path,
      headers: { ...wanted.headers, ...(wanted.body ? { 'content-length': wanted.body.length } : {}) },
      agent: this.#agent,
    });
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    const connecting = setTimeout(() => outgoing.destroy(new Error('no connection in time')), CONNECT_MS);
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(connecting);
      reject(unreachable(this.tracker, error.code ?? error.message));
    });
    return outgoing;
  }
}
