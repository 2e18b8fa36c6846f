import { connect, type Socket } from 'node:net';

/** The one place where a stream to a live port is opened. */
function openStream(port: number): Socket {
  return connect(port, '127.0.0.1');
}

const ANSWER_BYTES = 256 * 1024;

/** Writes the chunks, half-closes where `ends`, and resolves to what came back until the other side closed or said nothing for `quietMs`. */
export function talk(
  port: number,
  chunks: readonly Uint8Array[],
  { quietMs, ends }: { quietMs: number; ends: boolean },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = [];
    let gotBytes = 0;
    const socket = openStream(port);
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
    socket.once('connect', () => {
      for (const chunk of chunks) socket.write(chunk);
      if (ends) socket.end();
    });
  });
}
