import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Target {
  readonly port: number;
  readonly isTls: boolean;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** As the tracker writes it. */
const LENGTH = Buffer.from('\r\ncontent-length: ');

/** A kept HTTP/1.1 connection with one request under way: as little work as can be, so that the tracker is measured and not whoever asks it. */
export class RawConnection {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the tracker closed the connection')));
  }

  static async open({ port, isTls }: Target): Promise<RawConnection> {
    const where = { host: '127.0.0.1', port };
    const socket = isTls ? connectTls({ ...where, rejectUnauthorized: false }) : connectPlain(where);
    await once(socket, isTls ? 'secureConnect' : 'connect');
    return new RawConnection(socket);
  }

  /** Resolves to the status when the whole answer is there. */
  ask(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const headBytes = this.#pending.indexOf(END_OF_HEAD);
    if (headBytes < 0) return;
    const length = this.#pending.indexOf(LENGTH);
    if (length < 0 || length > headBytes) throw new Error('an answer does not say how long it is');
    const bodyBytes = Number.parseInt(
      this.#pending.toString('latin1', length + LENGTH.length, length + LENGTH.length + 8),
      10,
    );
    if (this.#pending.length < headBytes + END_OF_HEAD.length + bodyBytes) return;
    const status = Number(this.#pending.toString('latin1', 9, 12));
    this.#pending = this.#pending.subarray(headBytes + END_OF_HEAD.length + bodyBytes);
    this.#answered?.(status);
  }
}

export function requestOf(method: string, path: string, token: string, body?: object): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type =
    body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer ${token}\r\n${type}\r\n${text}`);
}
