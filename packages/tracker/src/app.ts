import { mkdirSync } from 'node:fs';
import { type AddressInfo, isIP } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PeerageError } from '@peerage/contract';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { Challenges } from './accounts/challenges.ts';
import { Passwords } from './accounts/passwords.ts';
import { Sessions } from './accounts/sessions.ts';
import { Signup } from './accounts/signup.ts';
import { Restored } from './backup/restored.ts';
import { BlobFiles } from './blobs/blob-files.ts';
import { collectBlobs } from './blobs/collect-blobs.ts';
import { Issuer } from './certificates/issuer.ts';
import { Revocations } from './certificates/revocations.ts';
import { defaultLimits, type Limits } from './domain/limits.ts';
import { EventHub } from './events/event-hub.ts';
import { News } from './events/news.ts';
import { Lateness } from './http/lateness.ts';
import type { Services } from './http/services.ts';
import { ClockGuard, newClockAgreements } from './life/clock-guard.ts';
import { Readiness } from './life/readiness.ts';
import { RunClock } from './life/run-clock.ts';
import { newFenceState, StallFence } from './life/stall-fence.ts';
import { threadsMs } from './life/threads-ms.ts';
import {
  type CertificateTimes,
  type CreationLimits,
  defaultCertificateTimes,
  defaultCreationLimits,
  defaultPortLimits,
  defaultPresenceTimes,
  eventLimits,
  latenessLimits,
  type PortLimits,
  type PresenceTimes,
} from './limits.ts';
import { openLog } from './log.ts';
import { Metrics } from './observability/metrics.ts';
import { openMetricsPort } from './observability/metrics-port.ts';
import { type Operator, operatorOf } from './operator.ts';
import { isLoopback } from './presence/addresses.ts';
import { DialBack } from './presence/dial-back.ts';
import { Presence } from './presence/presence.ts';
import type { Cluster } from './replication/cluster.ts';
import { Replication } from './replication/replication.ts';
import type { ReplicationStatus } from './replication/status.ts';
import { DataSpace } from './space/data-space.ts';
import { holdDataFolder } from './store/data-folder.ts';
import type { Writer } from './store/writer.ts';
import { startWriterThread } from './store/writer-thread.ts';
import { Creations } from './throttle/creations.ts';
import { LoginThrottle } from './throttle/login-throttle.ts';
import { portIdentityIn, renewPortIdentity } from './tls/port-identity.ts';
import { TlsPort } from './tls/tls-port.ts';

export interface TrackerOptions {
  readonly dataDir: string;
  /** IP address or name to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits?: Partial<Limits>;
  readonly presenceTimes?: PresenceTimes;
  readonly certificateTimes?: Partial<CertificateTimes>;
  readonly creationLimits?: Partial<CreationLimits>;
  readonly portLimits?: Partial<PortLimits>;
  /** Left out: it makes accounts for whoever asks. */
  readonly signupOpen?: boolean;
  /** What the data folder may take; the disk is the limit if left out. */
  readonly budgetBytes?: number;
  /** Where metrics are shown to whoever reaches it, in plain HTTP; left out: only to this machine, on the tracker's own port. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** The other trackers of its file; left out: it is alone. */
  readonly cluster?: Cluster;
}

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

/** The parts of a tracker around its writer, without listener and timers: what tests drive in process. */
export function assemble(
  writer: Writer,
  log: Logger,
  options: Omit<TrackerOptions, 'host' | 'port'>,
  around: {
    readonly budgetBytes: () => number | null;
    readonly openConnections: () => number;
    readonly replication?: Replication | undefined;
    readonly localAddress?: string;
    readonly clock?: ClockGuard;
    readonly fence?: StallFence;
  },
): { services: Services; news: News } {
  const { dataDir } = options;
  const monotonicMs = () => performance.now();
  const certificateTimes = { ...defaultCertificateTimes, ...options.certificateTimes };
  const hub = new EventHub(monotonicMs);
  const dialBack = new DialBack({ monotonicMs, nowMs: Date.now, localAddress: around.localAddress });
  const presence: Presence = new Presence(
    options.presenceTimes ?? defaultPresenceTimes,
    monotonicMs,
    (uid, device) => writer.run('deviceFacts', { uid, device }),
    (share) => news.peersChanged(share),
    async ({ uid, device, gid }, address) => {
      try {
        const proof = await writer.run('deviceProof', { uid, device, gid });
        return proof !== undefined && (await dialBack.reaches(device, address, proof));
      } catch (error) {
        log.error({ err: error }, 'a device could not be called back');
        return false;
      }
    },
  );
  const news = new News(
    { writer, hub, presence },
    certificateTimes.issuerLeadMs,
    (error) => log.error({ err: error }, 'an event could not be told'),
    (telling) => around.replication?.tells(telling),
  );
  const issuer = new Issuer({ dataDir, tracker: options.cluster?.number ?? 1, times: certificateTimes }, writer);
  const passwords = new Passwords();
  const blobs: BlobFiles = new BlobFiles(join(dataDir, 'blobs'), (bytes) => space.requireRoomForBlob(bytes));
  const space = new DataSpace(dataDir, around.budgetBytes, () => blobs.bytes, monotonicMs);
  const metrics = new Metrics({
    rowCounts: () => writer.run('rowCounts', {}),
    canWrite: () => writer.health(),
    onlineDevices: () => presence.onlineDevices,
    openStreams: () => hub.openStreams,
    openConnections: around.openConnections,
    passwordHashes: () => passwords.hashes,
    space: () => space.figures(),
    replication: () =>
      (around.replication?.status().peers ?? []).map(({ number, state, lagMs }) => ({
        tracker: number,
        lagMs: state === 'following' ? lagMs : null,
      })),
  });
  const services: Services = {
    writer,
    sessions: new Sessions(writer),
    passwords,
    throttle: new LoginThrottle(monotonicMs),
    creations: new Creations(monotonicMs, { ...defaultCreationLimits, ...options.creationLimits }),
    signup: new Signup(options.signupOpen ?? true),
    challenges: new Challenges(monotonicMs),
    issuer,
    revocations: new Revocations(issuer, writer),
    blobs,
    presence,
    hub,
    metrics,
    space,
    readiness: new Readiness(around.clock),
    lateness: new Lateness(new RunClock(monotonicMs, Date.now), around.fence),
    replication: around.replication,
    nowMs: around.clock ? () => around.clock!.nowMs() : Date.now,
    version: packageJson.version,
    log,
  };
  writer.watch((puts, written) => {
    services.replication?.wrote(written);
    services.replication?.rowsChanged(puts);
    services.sessions.rowsChanged(puts);
    presence.apply(puts);
    issuer.rowsChanged(puts);
    const revoked = services.revocations.rowsChanged(puts);
    if (revoked.length > 0) hub.toAll({ type: 'revocations', revoked });
    news.rowsChanged(puts);
  });
  around.replication?.join(services);
  return { services, news };
}

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
