import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PeerageError } from '@peerage/contract';
import type { Metrics } from './metrics.ts';

const HEAD_MS = 5_000;

/**
 * A port for `/metrics` alone, in plain HTTP, for whoever reaches it: opened only where the operator says so. Resolves when it listens, to what closes it. Throws
 * `address_in_use`.
 */
export async function openMetricsPort(
  metrics: Metrics,
  where: { readonly host: string; readonly port: number },
): Promise<{ address: { host: string; port: number }; close: () => Promise<void> }> {
  const server = createServer({ headersTimeout: HEAD_MS, requestTimeout: HEAD_MS }, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics is answered here\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new PeerageError('address_in_use', `metrics can not be shown on ${where.host}:${where.port}: ${error.message}`),
      ),
    );
    server.listen(where.port, where.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
