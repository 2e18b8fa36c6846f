import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SendApiRequest } from '@peerage/contract';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { assemble } from '../app.ts';
import { defaultLimits } from '../domain/limits.ts';
import { createServer } from '../http/server.ts';
import type { Services } from '../http/services.ts';
import { defaultPresenceTimes } from '../presence/presence.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { createWriter } from '../store/writer.ts';

/** A whole tracker in this process, over a memory store, without listener and timers. */
export interface InProcessTracker {
  readonly services: Services;
  readonly server: FastifyInstance;
  readonly dataDir: string;
  /** As if requests came from that address. */
  sendFrom(source: string): SendApiRequest;
  close(): Promise<void>;
}

export function startInProcess(): InProcessTracker {
  const dataDir = mkdtempSync(join(tmpdir(), 'peerage-in-process-'));
  const writer = createWriter(new MemoryStore(), { ...defaultLimits, applicationWaitMs: [0] });
  const log = pino({ level: 'silent' });
  const { services, news } = assemble(writer, dataDir, log, defaultPresenceTimes);
  const server = createServer(services);
  return {
    services,
    server,
    dataDir,
    sendFrom:
      (remoteAddress) =>
      async ({ method, path, headers, body }) => {
        const payload = body ? { payload: Buffer.from(body) } : {};
        const answer = await server.inject({ method, url: path, headers, remoteAddress, ...payload });
        return { status: answer.statusCode, body: answer.rawPayload };
      },
    async close() {
      services.hub.close();
      await server.close();
      news.close();
      await writer.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
