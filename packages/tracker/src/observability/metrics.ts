import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SpaceFigures } from '../space/data-space.ts';

/** Figures that are asked for when somebody reads the metrics. */
export interface MetricSources {
  /** Rows of each kind that the tracker holds. */
  rowCounts(): Promise<Readonly<Record<string, number>>>;
  canWrite(): Promise<boolean>;
  onlineDevices(): number;
  openStreams(): number;
  openConnections(): number;
  passwordHashes(): number;
  space(): SpaceFigures;
  /** For how long each other tracker has lacked something of this one; null: it does not follow. */
  replication(): readonly { readonly tracker: number; readonly lagMs: number | null }[];
}

let ofProcess: Registry | undefined;

/** Figures of the process, whatever runs in it. What makes them observes it for ever: they hold on to no tracker. */
function processRegistry(): Registry {
  if (!ofProcess) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

/**
 * What a tracker tells Prometheus. Labels are route patterns, error codes and tracker numbers only: names of people, groups and files, and addresses, never are.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'code'>;
  readonly #seconds: Histogram<'route'>;
  /** By route and code, so that no label is looked up for each request. */
  readonly #told = new Map<
    string,
    { readonly requests: Counter.Internal; readonly seconds: Histogram.Internal<'route'> }
  >();

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'peerage_requests_total',
      help: 'Requests answered, by route and by the code of the refusal (ok where there was none)',
      labelNames: ['route', 'code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'peerage_request_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({ name, help, registers, collect: asking((all) => all.set(read())) });
    gauge('peerage_devices_online', 'Devices whose heartbeat is fresh', () => sources.onlineDevices());
    gauge('peerage_event_streams', 'Open event streams', () => sources.openStreams());
    gauge('peerage_connections', 'Open connections to the port', () => sources.openConnections());
    gauge('peerage_data_used_bytes', 'What the data folder takes', () => sources.space().usedBytes);
    gauge('peerage_data_budget_bytes', 'What the data folder may take', () => sources.space().budgetBytes);
    gauge('peerage_metainfo_bytes', 'What metainfo takes of it', () => sources.space().blobBytes);
    new Counter({
      name: 'peerage_password_hashes_total',
      help: 'Password hashes made',
      registers,
      collect() {
        this.reset();
        this.inc(sources.passwordHashes());
      },
    });
    new Gauge({
      name: 'peerage_can_write',
      help: '1 while the last write succeeded',
      registers,
      collect: asking(async (all) => all.set((await sources.canWrite()) ? 1 : 0)),
    });
    new Gauge({
      name: 'peerage_rows',
      help: 'Rows held, by kind',
      labelNames: ['kind'],
      registers,
      collect: asking(async (all) => {
        for (const [kind, count] of Object.entries(await sources.rowCounts())) all.set({ kind }, count);
      }),
    });
    new Gauge({
      name: 'peerage_replication_lag_seconds',
      help: 'For how long another tracker has lacked something of this one; -1 where it does not follow',
      labelNames: ['tracker'],
      registers,
      collect: asking((all) => {
        for (const { tracker, lagMs } of sources.replication()) {
          all.set({ tracker }, lagMs === null ? -1 : lagMs / 1_000);
        }
      }),
    });
    processRegistry();
  }

  answered(route: string, code: string, seconds: number): void {
    const place = `${code} ${route}`;
    let told = this.#told.get(place);
    if (!told) {
      told = { requests: this.#requests.labels({ route, code }), seconds: this.#seconds.labels({ route }) };
      this.#told.set(place, told);
    }
    told.requests.inc();
    told.seconds.observe(seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures in Prometheus' text format. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${await processRegistry().metrics()}`;
  }
}

/** prom-client gives the metric as `this`. */
function asking(set: (metric: Gauge) => unknown): (this: Gauge) => Promise<void> {
  return async function (this: Gauge) {
    await set(this);
  };
}
