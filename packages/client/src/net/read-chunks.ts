import type { Socket } from 'node:net';

/** One buffer for all sockets of a thread: a chunk is consumed before the next read begins. */
export const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** What a full record of TLS fills: most chunks are that long, and making a view for each is a tenth of reading it. */
const fullRecord = readBuffer.subarray(0, 16 * 1024);

/**
 * So much is read in one turn of the event loop, of all sockets together; what is said leaves at the turn's end. Without it a fast peer's window (2 MiB) is read in one turn, all requests for
 * what follows go together behind it, and the two sides wait for each other in turns.
 */
export const TURN_BYTES = 512 * 1024;

let turnBytes = 0;
/** They wait for the next turn. */
const stopped: Socket[] = [];

function nextTurn(): void {
  turnBytes = 0;
  for (const socket of stopped.splice(0)) if (!socket.destroyed && !socket.isPaused()) socket.resume();
}

/** False where the socket is to be read on in the next turn. */
function goesOn(socket: Socket, sizeBytes: number): boolean {
  if (turnBytes === 0) setImmediate(nextTurn);
  turnBytes += sizeBytes;
  if (turnBytes < TURN_BYTES || stopped.at(-1) === socket) return true;
  stopped.push(socket);
  return false;
}

interface UserBufferSocket {
  readonly _handle: { readonly useUserBuffer?: (buffer: Uint8Array) => void } | null;
  [own: symbol]: unknown;
}

/**
 * Reads a socket that nobody reads yet: `take` gets each chunk, which is valid only during the call.
 *
 * The socket reads into {@link readBuffer}, as one dialed over TCP does with Node's option `onread`; TLS sockets are not offered that, though they are made of the
 * same parts. An allocation for each chunk costs more than decrypting it (docs/decisions/0060). Where this Node keeps its sockets in another way, `data` events do the same, slower.
 */
export function readChunks(socket: Socket, take: (chunk: Uint8Array) => void): void {
  const inner = socket as unknown as UserBufferSocket;
  const handle = inner._handle;
  const own = new Map(Object.getOwnPropertySymbols(inner).map((symbol) => [symbol.description, symbol]));
  const [buffer, callback] = [own.get('kBuffer'), own.get('kBufferCb')];
  if (typeof handle?.useUserBuffer !== 'function' || buffer === undefined || callback === undefined) {
    socket.on('data', take);
    return;
  }
  handle.useUserBuffer(readBuffer);
  inner[buffer] = readBuffer;
  inner[callback] = (sizeBytes: number): boolean => {
    take(sizeBytes === fullRecord.length ? fullRecord : readBuffer.subarray(0, sizeBytes));
    return goesOn(socket, sizeBytes);
  };
  // What came before; asking for it starts the reading, too.
  const early: Buffer | null = socket.read();
  if (early !== null) take(early);
}
