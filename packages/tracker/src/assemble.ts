import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { Challenges } from './accounts/challenges.ts';
import { Passwords } from './accounts/passwords.ts';
import { Sessions } from './accounts/sessions.ts';
import { Signup } from './accounts/signup.ts';
import { BlobFiles } from './blobs/blob-files.ts';
import { Issuer } from './certificates/issuer.ts';
import { Revocations } from './certificates/revocations.ts';
import { EventHub } from './events/event-hub.ts';
import { News } from './events/news.ts';
import { Lateness } from './http/lateness.ts';
import type { Services } from './http/services.ts';
import type { ClockGuard } from './life/clock-guard.ts';
import { Readiness } from './life/readiness.ts';
import { RunClock } from './life/run-clock.ts';
import type { StallFence } from './life/stall-fence.ts';
import { defaultCertificateTimes, defaultCreationLimits, defaultPresenceTimes } from './limits.ts';
import { Metrics } from './observability/metrics.ts';
import type { TrackerOptions } from './options.ts';
import { DialBack } from './presence/dial-back.ts';
import { Presence } from './presence/presence.ts';
import type { Replication } from './replication/replication.ts';
import { DataSpace } from './space/data-space.ts';
import type { Writer } from './store/writer.ts';
import { Creations } from './throttle/creations.ts';
import { LoginThrottle } from './throttle/login-throttle.ts';

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
