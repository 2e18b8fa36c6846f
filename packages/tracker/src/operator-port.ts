import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { PeerageError } from '@peerage/contract';

/** A socket in the data folder (0700), at which whoever may read the folder types one console command a connection: for a tracker that runs as a service. */
const pathIn = (dataDir: string): string => join(dataDir, 'operator.sock');
/** Longer paths of sockets are cut off, or refused, by some systems. */
const MOST_PATH_BYTES = 100;
const MOST_LINE_BYTES = 4 * 1024;
const MOST_ANSWER_MS = 60_000;

/** Opens it for a folder that this process holds; undefined where the folder's path is too long for sockets. Resolves to what closes it. */
export async function openOperatorPort(
  dataDir: string,
  answer: (line: string) => Promise<string>,
): Promise<(() => Promise<void>) | undefined> {
  const path = pathIn(dataDir);
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return undefined;
  rmSync(path, { force: true }); // of a process that was killed
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket.on('error', () => socket.destroy()));
    socket.once('close', () => open.delete(socket));
    socket.setTimeout(MOST_ANSWER_MS, () => socket.destroy());
    readLine(socket, (line) => void answer(line).then((text) => socket.end(text)));
  });
  await once(server.listen(path), 'listening');
  return () => {
    for (const socket of open) socket.destroy();
    return new Promise((closed) => server.close(() => closed()));
  };
}

/** Types one command at the tracker that runs on that folder; resolves to what it says. Throws `tracker_unreachable` where none does. */
export async function askOperator(dataDir: string, line: string): Promise<string> {
  const socket = connect(pathIn(dataDir));
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  try {
    await once(socket, 'connect');
  } catch {
    throw new PeerageError(
      'tracker_unreachable',
      `no tracker runs on ${dataDir}, or its path is too long for a socket: start it, or type the command at its console`,
    );
  }
  socket.write(`${line}\n`);
  await once(socket, 'close');
  return said;
}

function readLine(socket: Socket, onLine: (line: string) => void): void {
  let bytes = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(0x0a);
    if (end < 0 && bytes.length <= MOST_LINE_BYTES) return;
    socket.off('data', onData);
    socket.resume();
    if (end < 0 || end > MOST_LINE_BYTES) socket.destroy();
    else onLine(bytes.subarray(0, end).toString());
  };
  socket.on('data', onData);
  socket.on('end', () => {
    if (bytes.indexOf(0x0a) < 0) socket.destroy();
  });
}
