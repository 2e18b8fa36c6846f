import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel, SendApiRequest } from '@peerage/contract';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { assemble } from '../assemble.ts';
import { defaultLimits } from '../domain/limits.ts';
import { createServer } from '../http/server.ts';
import type { Services } from '../http/services.ts';
import type { TrackerOptions } from '../options.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { createWriter } from '../store/writer.ts';
import type { DeviceLink } from './test-device.ts';

/** Injected requests have no connection: all of them are as if on this one. */
export const inProcessChannel: Channel = { exported: Buffer.alloc(32, 1), trackerPin: Buffer.alloc(32, 2) };

/** A whole tracker in this process, over a memory store, without listener and timers. */
export interface InProcessTracker {
  readonly services: Services;
  readonly server: FastifyInstance;
  readonly store: MemoryStore;
  readonly dataDir: string;
  /** What the data folder may take from now on; null: the disk is the limit. */
  setBudget(bytes: number | null): void;
  /** As if requests came from that address. */
  sendFrom(source: string): DeviceLink;
  close(): Promise<void>;
}

export function startInProcess(
  options: Omit<Partial<TrackerOptions>, 'dataDir' | 'host' | 'port'> & {
    readonly log?: Logger;
    readonly wallMs?: () => number;
  } = {},
): InProcessTracker {
  const dataDir = mkdtempSync(join(tmpdir(), 'peerage-in-process-'));
  let budgetBytes: number | null = null;
  const store = new MemoryStore(options.wallMs);
  const writer = createWriter(store, { ...defaultLimits, applicationWaitMs: [0], ...options.limits });
  const log = options.log ?? pino({ level: 'silent' });
  const assembled = assemble(
    writer,
    log,
    { ...options, dataDir },
    {
      budgetBytes: () => budgetBytes,
      openConnections: () => 0,
    },
  );
  const { news } = assembled;
  const services = { ...assembled.services, ...(options.wallMs && { nowMs: options.wallMs }) };
  const server = createServer(services, { channelOf: () => inProcessChannel });
  return {
    services,
    server,
    store,
    dataDir,
    setBudget: (bytes) => {
      budgetBytes = bytes;
    },
    sendFrom: (remoteAddress) => {
      const send: SendApiRequest = async ({ method, path, headers, body }) => {
        const payload = body ? { payload: Buffer.from(body) } : {};
        const answer = await server.inject({ method, url: path, headers, remoteAddress, ...payload });
        return { status: answer.statusCode, body: answer.rawPayload };
      };
      return Object.assign(send, { channel: async () => inProcessChannel });
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
