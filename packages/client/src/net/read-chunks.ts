import type { Socket } from 'node:net';

/** One buffer for all sockets of a thread: a chunk is consumed before the next read begins. */
export const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** What a full record of TLS fills: most chunks are that long, and making a view for each is a tenth of reading it. */
const fullRecord = readBuffer.subarray(0, 16 * 1024);

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
    return true;
  };
  // What came before; asking for it starts the reading, too.
  const early: Buffer | null = socket.read();
  if (early !== null) take(early);
}
