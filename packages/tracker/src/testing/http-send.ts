import { type Agent, request } from 'node:http';
import type { SendApiRequest } from '@peerage/contract';

/** Real HTTP to a tracker on this machine. */
export const httpSend =
  (port: number, agent: Agent): SendApiRequest =>
  ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const sizes = body ? { 'content-length': body.length } : {};
      const asked = request(
        { host: '127.0.0.1', port, method, path, headers: { ...headers, ...sizes }, agent },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
          answer.on('error', reject);
        },
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
