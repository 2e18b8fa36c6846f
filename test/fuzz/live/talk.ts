import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ByteConnection } from '../../../packages/client/src/net/transport.ts';

const ANSWER_BYTES = 256 * 1024;

interface Manner {
  /** Nothing for this long is the end of the answer. */
  readonly quietMs: number;
  /** Half-closes behind the last chunk; a number: so many milliseconds later, or once something came back. */
  readonly ends: boolean | number;
}

/** As it lies on the wire, from an address of loopback's own. */
export const plainTo = (port: number, localAddress = '127.0.0.1') => connect({ port, host: '127.0.0.1', localAddress });

/** Inside TLS, whoever answers. */
export const tlsTo = (port: number) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });

/** Writes the chunks and resolves to what came back until the other side closed or said nothing for `quietMs`. */
export function talk(socket: Socket, chunks: readonly Uint8Array[], { quietMs, ends }: Manner): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = [];
    let gotBytes = 0;
    // Whoever refuses may close at once, before all was sent.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      got.push(chunk);
      gotBytes += chunk.length;
      if (gotBytes > ANSWER_BYTES) socket.destroy();
    });
    socket.on('close', () => resolve(Buffer.concat(got)));
    for (const chunk of chunks) socket.write(chunk);
    if (ends === true) socket.end();
    if (typeof ends !== 'number') return;
    const later = setTimeout(() => socket.end(), ends);
    socket.once('data', () => socket.end());
    socket.once('close', () => clearTimeout(later));
  });
}

/** The same over a member's certified connection. */
export function talkAsMember(
  connection: ByteConnection,
  chunks: readonly Uint8Array[],
  { quietMs }: Pick<Manner, 'quietMs'>,
): Promise<Buffer> {
  const quiet = setTimeout(() => connection.close(), quietMs);
  const heard = () => {
    quiet.refresh();
    return false;
  };
  return heardFrom(connection, chunks, heard).finally(() => clearTimeout(quiet));
}

/** Writes the chunks and resolves to what came back until the other side closed, `isEnough` said so, or `limit` is aborted. */
export function heardFrom(
  connection: ByteConnection,
  chunks: readonly Uint8Array[],
  isEnough: (answer: Buffer) => boolean,
  limit?: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const close = () => connection.close();
    limit?.addEventListener('abort', close, { once: true });
    connection.start({
      onData: (chunk) => {
        got = Buffer.concat([got, chunk]);
        if (isEnough(got) || got.length > ANSWER_BYTES) connection.close();
      },
      onClose: () => {
        limit?.removeEventListener('abort', close);
        resolve(got);
      },
    });
    for (const chunk of chunks) connection.write(chunk);
    if (limit?.aborted) close();
  });
}
