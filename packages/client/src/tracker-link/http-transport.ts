import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type Channel, CLOCK_HEADER, errorTable, PeerageError, UNTIL_HEADER } from '@peerage/contract';
import { AnswerWatch } from './answer-watch.ts';
import { FarClock } from './far-clock.ts';
import {
  CONNECT_MS,
  channelOf,
  PATIENT_CONNECT_MS,
  type PinnedTls,
  type TrackerAddress,
  Unreachable,
} from './pinned-tls.ts';

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
export const ANSWER_MS = 15_000;
/** The largest answer is metainfo (64 MiB). */
const ANSWER_BYTES = 65 * 1024 * 1024;

/** A request is not to be begun in the last moment before it may be given up. */
const MARGIN_MS = 100;
const TOO_LATE = errorTable.timeout.http;

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
  readonly #watch: AnswerWatch;
  readonly #clock = new FarClock(() => performance.now());
  readonly #isAlone: boolean;
  /** Longer in the last round, when no tracker answered in time. */
  #patientUntilMs = 0;

  /** `isAlone`: there is no other tracker to go to, so one that is slow to take connections is given more time before it counts as gone. */
  constructor(tracker: TrackerAddress, tls: PinnedTls, isAlone: boolean) {
    this.tracker = tracker;
    this.#tls = tls;
    this.#isAlone = isAlone;
    this.#agent = new TlsAgent(async () => (await this.#connect()).socket, 8);
    this.#watch = new AnswerWatch(() => this.probe(isAlone ? PATIENT_CONNECT_MS : undefined));
  }

  /** Connections may take longer for a while. */
  bePatient(): void {
    this.#patientUntilMs = performance.now() + PATIENT_CONNECT_MS;
  }

  /** Resolves when a new connection was made. */
  async probe(limitMs?: number): Promise<void> {
    const opened = await (limitMs === undefined ? this.#connect() : this.#tls.connect(limitMs));
    opened.socket.destroy();
  }

  #connect() {
    return this.#tls.connect(this.#connectMs);
  }

  get #connectMs(): number {
    return performance.now() < this.#patientUntilMs ? PATIENT_CONNECT_MS : CONNECT_MS;
  }

  /** Requests that belong to one connection, which `channel` names; they go one after another, and the connection ends with them. */
  async onOneConnection<Value>(
    steps: (send: (wanted: HttpRequest) => Promise<HttpAnswer>, channel: Channel) => Promise<Value>,
  ): Promise<Value> {
    const opened = await this.#connect();
    const { socket } = opened;
    let given = false;
    const agent = new TlsAgent(async () => {
      if (given) throw new Unreachable(this.tracker, 'it closed the connection');
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

  /** What changes something is not begun by a tracker once it may be given up here; where the tracker refuses it for that (its clock may be another one by now) it is sent once more. */
  async send(wanted: HttpRequest, agent: Agent = this.#agent): Promise<HttpAnswer> {
    const answer = await this.#sendTwice(wanted, agent);
    return answer.status === TOO_LATE ? this.#sendTwice(wanted, agent) : answer;
  }

  /** Once more where the connection broke, which says nothing of the tracker: where it lives it may have done what was asked, so it is the one to ask. */
  async #sendTwice(wanted: HttpRequest, agent: Agent): Promise<HttpAnswer> {
    const first: { request?: ClientRequest } = {};
    try {
      return await this.#sendOnce(wanted, agent, first);
    } catch (error) {
      const broke = first.request?.socket != null && !(error instanceof Unreachable && error.isSlow);
      if (!broke || agent !== this.#agent) throw error;
      return this.#sendOnce(wanted, agent, {});
    }
  }

  #sendOnce(wanted: HttpRequest, agent: Agent, sent: { request?: ClientRequest }): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(wanted, agent, ANSWER_MS, reject);
      sent.request = outgoing;
      outgoing.on('response', (incoming) => {
        this.#clock.told(incoming.headers[CLOCK_HEADER]);
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES) outgoing.destroy(new Error('its answer is too large'));
          else chunks.push(chunk);
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }));
        incoming.on('error', (error) => reject(new Unreachable(this.tracker, error.message)));
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

  /** What is sent now is given up no sooner: a new connection is tried beside it, with so much patience. */
  get #leastWaitMs(): number {
    const patientMs = Math.max(0, this.#patientUntilMs - performance.now());
    return Math.min(PATIENT_CONNECT_MS, patientMs + CONNECT_MS);
  }

  /** Where there is nowhere else to go, nothing is done elsewhere meanwhile. */
  #until({ method }: HttpRequest): Readonly<Record<string, string>> {
    const until = method === 'GET' || this.#isAlone ? undefined : this.#clock.in(this.#leastWaitMs - MARGIN_MS);
    return until === undefined ? {} : { [UNTIL_HEADER]: until };
  }

  #open(wanted: HttpRequest, agent: Agent, timeoutMs: number, reject: (error: PeerageError) => void): ClientRequest {
    const outgoing = request({
      host: this.tracker.host,
      port: this.tracker.port,
      method: wanted.method,
      path: wanted.path,
      headers: {
        ...wanted.headers,
        ...this.#until(wanted),
        ...(wanted.body && { 'content-length': wanted.body.length }),
      },
      agent,
    });
    const fail = (error: Error) => {
      outgoing.destroy();
      reject(error instanceof PeerageError ? error : new Unreachable(this.tracker, codeOf(error)));
    };
    const over = this.#watch.watch(fail);
    outgoing.on('response', () => over());
    outgoing.on('close', () => over());
    outgoing.setTimeout(timeoutMs, () => fail(new Unreachable(this.tracker, 'no answer in time', true)));
    outgoing.on('error', fail);
    return outgoing;
  }
}

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
