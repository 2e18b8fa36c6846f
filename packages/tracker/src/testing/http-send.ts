import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { CHANNEL_EXPORTER, type Channel, errorTable, type SendApiRequest } from '@peerage/contract';
import type { DeviceLink } from './test-device.ts';

/** One kept connection to one tracker, whose key nobody compares. */
export const trackerAgent = (): Agent =>
  new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0, rejectUnauthorized: false });

/** What each connection's other end showed when it began: Node tells it only then. */
const pins = new WeakMap<object, Buffer>();

function notePin(asked: ClientRequest): void {
  asked.once('socket', (socket) => {
    if (pins.has(socket)) return;
    socket.once('secureConnect', () => pins.set(socket, pinOf(socket as TLSSocket)));
  });
}

export const pinOf = (socket: TLSSocket): Buffer =>
  createHash('sha256')
    .update(socket.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();

/** What a connection's ends have in common. */
export const exportedBy = (socket: TLSSocket): Buffer =>
  socket.exportKeyingMaterial(32, CHANNEL_EXPORTER, Buffer.alloc(0));

/**
 * Real HTTPS to a tracker on this machine, over the agent's one connection. What the tracker refuses as too late, with nothing done, is sent once more, as every client does: the
 * machine may be so loaded that the tracker stood still.
 */
export function httpSend(port: number, agent: Agent, localAddress?: string, host = '127.0.0.1'): DeviceLink {
  const from = localAddress === undefined ? {} : { localAddress };
  const target = { host, port, agent, ...from };
  const sendOnce: SendApiRequest = ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const sizes = body ? { 'content-length': body.length } : {};
      const asked = request({ ...target, method, path, headers: { ...headers, ...sizes } }, (answer) => {
        bodyOf(answer).then((bytes) => resolve({ status: answer.statusCode ?? 0, body: bytes }), reject);
      });
      notePin(asked);
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
  const send: SendApiRequest = async (asked) => {
    const answer = await sendOnce(asked);
    return answer.status === errorTable.timeout.http ? await sendOnce(asked) : answer;
  };
  const channel = (): Promise<Channel> =>
    new Promise((resolve, reject) => {
      const asked = request({ ...target, path: '/healthz' }, (answer) => {
        const socket = answer.socket as TLSSocket;
        const known = { exported: exportedBy(socket), trackerPin: pins.get(socket)! };
        bodyOf(answer).then(() => resolve(known), reject);
      });
      notePin(asked);
      asked.on('error', reject);
      asked.end();
    });
  return Object.assign(send, { channel });
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}
