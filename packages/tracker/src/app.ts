import { mkdirSync } from 'node:fs';
import { type AddressInfo, isIP } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PeerageError } from '@peerage/contract';
import type { FastifyInstance } from 'fastify';
import { assemble } from './assemble.ts';
import { Restored } from './backup/restored.ts';
import { collectBlobs } from './blobs/collect-blobs.ts';
import { defaultLimits } from './domain/limits.ts';
import type { Services } from './http/services.ts';
import { ClockGuard, newClockAgreements } from './life/clock-guard.ts';
import { newFenceState, StallFence } from './life/stall-fence.ts';
import { threadsMs } from './life/threads-ms.ts';
import { defaultPortLimits, eventLimits, latenessLimits } from './limits.ts';
import { openLog } from './log.ts';
import { openMetricsPort } from './observability/metrics-port.ts';
import { type Operator, operatorOf } from './operator.ts';
import type { TrackerOptions } from './options.ts';
import { isLoopback } from './presence/addresses.ts';
import { Replication } from './replication/replication.ts';
import type { ReplicationStatus } from './replication/status.ts';
import { holdDataFolder } from './store/data-folder.ts';
import { startWriterThread } from './store/writer-thread.ts';
import { portIdentityIn, renewPortIdentity } from './tls/port-identity.ts';
import { TlsPort } from './tls/tls-port.ts';

export interface Tracker {
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** SHA-256 of the key that its port shows, lower-case hex. */
  readonly pin: string;
  readonly operator: Operator;
  /** Where metrics are shown besides. */
  readonly metricsAddress: { readonly host: string; readonly port: number } | undefined;
  /** Undefined where it replicates with nobody. */
  readonly replication: (() => ReplicationStatus) | undefined;
  /** Resolves when the tracker can't go on by itself (a defect); never by close(). */
  readonly died: Promise<Error>;
  close(): Promise<void>;
}

const EXPIRE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 500;
const ROTATE_EVERY_MS = 60_000;
const COLLECT_EVERY_MS = 600_000;

/** Starts a tracker; resolves when it accepts requests. Throws `home_in_use`, `newer_format`, `address_in_use`. */
export async function createTracker(options: TrackerOptions): Promise<Tracker> {
  const { dataDir } = options;
  process.umask(0o077);
  const releaseFolder = holdDataFolder(dataDir);
  const undo: (() => unknown)[] = [releaseFolder];
  try {
    const log = openLog(dataDir);
    mkdirSync(join(dataDir, 'blobs'), { recursive: true, mode: 0o700 });
    const dying = Promise.withResolvers<Error>();
    const databasePath = join(dataDir, 'tracker.db');
    const limits = { ...defaultLimits, ...options.limits };
    const guards = options.cluster ? { clock: newClockAgreements(), fence: newFenceState() } : null;
    const starting = startWriterThread(
      { databasePath, budgetBytes: options.budgetBytes ?? null, limits, guards },
      (error) => {
        log.fatal({ err: error }, 'the writer thread ended');
        dying.resolve(error);
      },
    );
    // The server is half of the time to start: it is loaded while the thread starts.
    const [writer, { createServer }] = await Promise.all([starting, import('./http/server.ts')]);
    undo.push(() => writer.close());
    let identity = await portIdentityIn(dataDir, () => writer.run('recentHandOvers', {}));
    const port = new TlsPort(identity, { ...defaultPortLimits, ...options.portLimits });
    const clock = guards ? new ClockGuard(Date.now, () => performance.now(), guards.clock) : undefined;
    const fence = guards ? new StallFence(guards.fence, threadsMs, Date.now) : undefined;
    const { cluster } = options;
    const nowMs = () => performance.now();
    const parts = { log: writer.log, nowMs, logger: log, ...(clock && { clock }) };
    // Alone too: what ended is collected in the same way.
    const alone = { number: 1, trackers: [{ host: options.host, port: options.port }], secrets: [] };
    const replication = await Replication.start({ cluster: cluster ?? alone, ...parts });
    undo.push(() => replication.close());
    const { services, news } = assemble(writer, log, options, {
      replication,
      budgetBytes: () => options.budgetBytes ?? null,
      openConnections: () => port.openConnections,
      ...(isOneAddress(options.host) && { localAddress: options.host }),
      ...(clock && { clock }),
      ...(fence && { fence }),
    });
    services.revocations.load(await writer.run('revocations', {}));
    await services.blobs.measure();
    const metricsPort = options.metrics && (await openMetricsPort(services.metrics, options.metrics));
    if (metricsPort) undo.push(() => metricsPort.close());
    const server = createServer(services, port);
    server.addHook('preClose', async () => port.destroyAll());
    undo.push(() => server.close());
    const address = await listen(server, options.host, options.port);
    const rotateKey = async () => {
      identity = await renewPortIdentity(dataDir, identity, services.nowMs(), async (pin, handOver) => {
        await writer.run('handOverKey', { pin, handOver });
        return writer.run('recentHandOvers', {});
      });
      port.show(identity);
      return identity.pin.toString('hex');
    };
    const status = cluster && (() => replication.status());
    const restored = new Restored(dataDir, services);
    const stopTimers = startTimers(
      services,
      () => restored.look(status?.()),
      () => fence?.beat(),
    );
    log.info({ address, metrics: metricsPort?.address, version: services.version }, 'listening');
    return {
      address,
      get pin() {
        return identity.pin.toString('hex');
      },
      operator: operatorOf(services, { restored, replication: status, acceptClock: () => clock?.accept(), rotateKey }),
      metricsAddress: metricsPort?.address,
      replication: status,
      died: dying.promise,
      async close() {
        stopTimers();
        await replication.close();
        services.hub.close();
        await metricsPort?.close();
        await server.close();
        news.close();
        await writer.close();
        log.info('stopped');
        log.flush();
        releaseFolder();
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

/** An address that others reach, not a name and not all of them. */
const isOneAddress = (host: string): boolean =>
  isIP(host) > 0 && host !== '0.0.0.0' && host !== '::' && !isLoopback(host);

/** The one place where a listener is made. */
async function listen(server: FastifyInstance, host: string, port: number): Promise<Tracker['address']> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = {
      EADDRINUSE: 'another program listens there',
      EADDRNOTAVAIL: 'this machine does not have that address',
    };
    throw new PeerageError(
      'address_in_use',
      `the tracker can not listen on ${host}:${port}: ${why[code as keyof typeof why] ?? message}`,
    );
  }
  const bound = server.server.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

function startTimers(
  { presence, hub, writer, blobs, issuer, nowMs, log }: Services,
  look: () => void,
  beat: () => void,
): () => void {
  const collect = () => {
    collectBlobs(writer, blobs, nowMs()).catch((error) =>
      log.error({ err: error }, 'unused metainfo could not be removed'),
    );
  };
  const rotate = () => {
    issuer.prepare(nowMs()).catch((error) => log.warn({ err: error }, 'the issuer is not ready'));
  };
  rotate(); // published from the start: other trackers' clients know it before they meet its first certificate
  const timers = [
    setInterval(() => presence.expire(), EXPIRE_EVERY_MS),
    setInterval(() => hub.beat(), eventLimits.beatMs),
    setInterval(look, LOOK_EVERY_MS),
    setInterval(beat, latenessLimits.beatMs),
    setInterval(collect, COLLECT_EVERY_MS),
    setInterval(rotate, ROTATE_EVERY_MS),
  ];
  return () => timers.forEach(clearInterval);
}
