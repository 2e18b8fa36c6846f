import { trafficLimits } from './page-limits.ts';

export interface Rates {
  readonly down: number;
  readonly up: number;
}

/** Over all shares. */
export interface TrafficTotal extends Rates {
  /** Connected devices: who is connected for two shares counts once. */
  readonly peers: number;
}

const NONE: Rates = { down: 0, up: 0 };

/** Rates over the last ten minutes, a sample a second, newest last; seconds in which nothing moved at the end are not there yet. */
class History {
  readonly #samples: Rates[] = [];
  #firstSecond = 0;

  add(second: number, rates: Rates): void {
    if (this.#samples.length === 0) this.#firstSecond = second;
    // While nothing moved nobody took samples.
    const missing = Math.min(trafficLimits.samples, second - this.#firstSecond - this.#samples.length);
    for (let filled = 0; filled < missing; filled++) this.#samples.push(NONE);
    this.#samples.push(rates);
    const surplus = this.#samples.length - trafficLimits.samples;
    if (surplus > 0) this.#samples.splice(0, surplus);
    this.#firstSecond = second + 1 - this.#samples.length;
  }

  /** Up to now: what came after the last sample was nothing. */
  until(second: number): readonly Rates[] {
    if (this.#samples.length === 0) return [];
    const quiet = Math.max(0, Math.min(trafficLimits.samples, second - this.#firstSecond - this.#samples.length + 1));
    return [...this.#samples, ...Array<Rates>(quiet).fill(NONE)].slice(-trafficLimits.samples);
  }
}

/**
 * What goes in and out, now and over the last ten minutes, whether anybody looks or not. Always true: `total` is the sum of what each share
 * told last; the clock runs only while something moves.
 */
export class Traffic {
  readonly #now = new Map<string, Rates>();
  /** The devices that are connected for each share. */
  readonly #peers = new Map<string, readonly string[]>();
  readonly #histories = new Map<string, History>();
  readonly #all = new History();
  readonly #nowMs: () => number;
  readonly #tell: (total: TrafficTotal) => void;
  #timer: NodeJS.Timeout | undefined;
  #told: TrafficTotal = { ...NONE, peers: 0 };

  /** `nowMs` never goes back; `tell` hears the total at most once a second, when it changed. */
  constructor(nowMs: () => number, tell: (total: TrafficTotal) => void) {
    this.#nowMs = nowMs;
    this.#tell = tell;
  }

  get total(): TrafficTotal {
    let down = 0;
    let up = 0;
    for (const rates of this.#now.values()) {
      down += rates.down;
      up += rates.up;
    }
    return { down, up, peers: new Set([...this.#peers.values()].flat()).size };
  }

  /** `devices`: those that are connected for it. */
  onRates(share: string, rates: Rates, devices: readonly string[] = []): void {
    const before = this.#peers.get(share) ?? [];
    if (devices.length === 0) this.#peers.delete(share);
    else this.#peers.set(share, devices);
    if (rates.down === 0 && rates.up === 0) this.#now.delete(share);
    else this.#now.set(share, rates);
    if (this.#now.size > 0 || devices.length !== before.length || devices.some((device, at) => device !== before[at]))
      this.#timer ??= setInterval(() => this.#sample(), trafficLimits.sampleMs);
  }

  /** A share that is no more. */
  forget(share: string): void {
    this.onRates(share, NONE);
    this.#histories.delete(share);
  }

  /** Samples of a second each, oldest first, the last one now; of one share or of all. */
  history(share?: string): readonly Rates[] {
    const history = share === undefined ? this.#all : this.#histories.get(share);
    return history?.until(this.#second()) ?? [];
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #second = (): number => Math.floor(this.#nowMs() / trafficLimits.sampleMs);

  #sample(): void {
    const second = this.#second();
    const total = this.total;
    this.#all.add(second, total);
    for (const [share, rates] of this.#now) {
      const history = this.#histories.get(share) ?? new History();
      history.add(second, rates);
      // The one that moved last is the last to be dropped.
      this.#histories.delete(share);
      this.#histories.set(share, history);
    }
    const surplus = this.#histories.size - trafficLimits.histories;
    for (const oldest of [...this.#histories.keys()].slice(0, Math.max(0, surplus))) this.#histories.delete(oldest);
    if (total.down !== this.#told.down || total.up !== this.#told.up || total.peers !== this.#told.peers) {
      this.#told = total;
      this.#tell(total);
    }
    if (this.#now.size === 0) this.close();
  }
}
