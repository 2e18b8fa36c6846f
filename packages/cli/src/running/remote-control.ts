import { type IncomingMessage, request } from 'node:http';
import {
  type CallOptions,
  type ControlApi,
  type ControlEvent,
  type ControlFile,
  type ControlName,
  type ControlParams,
  type ControlResult,
  controlRoutes,
  createControlClient,
  PeerageError,
  type SendControlRequest,
} from '@peerage/contract';
import { readControlEvents } from './control-events.ts';

/** The client tells something at least every 5 s. */
const SILENCE_MS = 15_000;
const AGAIN_MS = 500;

type Listener = (event: ControlEvent) => void;

/**
 * A client in another process, over its control API. Always true: while anybody listens one event stream is open or about to be
 * opened again where the last one ended; `ended` resolves when the client is gone for good.
 */
export class RemoteControl implements ControlApi {
  readonly ended: Promise<void>;
  readonly #file: ControlFile;
  readonly #calls: Pick<ControlApi, 'call'>;
  readonly #listeners = new Set<Listener>();
  readonly #end: () => void;
  #stream: AbortController | null = null;
  #cursor: string | undefined;

  /** `onEvent` hears what is told while a command runs. */
  constructor(file: ControlFile, onEvent?: Listener) {
    this.#file = file;
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
    this.#calls = createControlClient(this.#send, file.token, { onEvent });
  }

  call<C extends ControlName>(command: C, params: ControlParams<C>, options?: CallOptions): Promise<ControlResult<C>> {
    return this.#calls.call(command, params, options);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#stream === null) void this.#follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stream?.abort();
    };
  }

  readonly #send: SendControlRequest = async ({ method, path, headers, body, signal }) => {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort();
    if (signal?.aborted) interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    const answer = await this.#open(method, path, headers, body, interruption.signal);
    answer.once('close', () => signal?.removeEventListener('abort', interrupt));
    return { status: answer.statusCode ?? 0, body: answer };
  };

  #open(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.#file.port,
        method,
        path,
        headers,
        signal,
        agent: false,
      });
      outgoing.once('response', resolve);
      outgoing.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          signal.aborted
            ? new PeerageError('interrupted', 'interrupted')
            : new PeerageError(
                'no_client',
                `the client does not answer any more (${error.code ?? error.message}): was it stopped?`,
              ),
        ),
      );
      outgoing.end(body ?? undefined);
    });
  }

  async #follow(): Promise<void> {
    const stream = new AbortController();
    this.#stream = stream;
    while (!stream.signal.aborted) {
      try {
        await this.#read(stream.signal);
      } catch (error) {
        if (!stream.signal.aborted && error instanceof PeerageError && error.code === 'no_client') {
          this.#end();
          break;
        }
      }
      if (!stream.signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    this.#stream = null;
    this.#cursor = undefined;
    if (this.#listeners.size > 0 && stream.signal.aborted) void this.#follow(); // somebody came while the last one left
  }

  /** One stream to its end. */
  async #read(signal: AbortSignal): Promise<void> {
    const fresh = this.#cursor === undefined;
    const headers = {
      authorization: `Bearer ${this.#file.token}`,
      ...(this.#cursor !== undefined && { 'last-event-id': this.#cursor }),
    };
    const answer = await this.#open('GET', controlRoutes.events.path, headers, null, signal);
    answer.setTimeout(SILENCE_MS, () => answer.destroy());
    if (answer.statusCode !== 200) {
      answer.destroy();
      if (answer.statusCode === 403) throw new PeerageError('no_client', 'another program has its port now');
      return;
    }
    await readControlEvents(answer, {
      onId: (id) => {
        this.#cursor = id;
      },
      onEvent: (event) => this.#tell(event),
      onCursor: () => fresh && this.#tell({ type: 'resync' }), // what was told before the stream was open
    });
  }

  #tell(event: ControlEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
