import type { EngineThread } from '../engine/engine-thread.ts';
import type { Library } from './library.ts';

/** Bytes a second; null: no limit. */
export interface Limits {
  readonly up: number | null;
  readonly down: number | null;
}

interface KeptLimits extends Limits {
  readonly slow: boolean;
  /** By info-hash. */
  readonly downloads: Readonly<Record<string, Limits>>;
}

const none: KeptLimits = { up: null, down: null, slow: false, downloads: {} };

/** Both ways, in slow mode. */
const SLOW_BYTES_PER_SECOND = 500_000;

const slower = (limit: number | null): number => Math.min(limit ?? Number.POSITIVE_INFINITY, SLOW_BYTES_PER_SECOND);

/** What this client may send and receive: kept in the library, in force in the engine. Changes are durable before they are in force. */
export class ClientLimits {
  readonly #library: Library;
  readonly #engine: Pick<EngineThread, 'request'>;
  #kept: KeptLimits;

  constructor(library: Library, engine: Pick<EngineThread, 'request'>) {
    this.#library = library;
    this.#engine = engine;
    this.#kept = { ...none, ...(JSON.parse(library.limits ?? '{}') as Partial<KeptLimits>) };
  }

  get kept(): KeptLimits {
    return this.#kept;
  }

  /** What the whole client is held to now: its limits, or those of slow mode. */
  get inForce(): Limits {
    const { up, down, slow } = this.#kept;
    return slow ? { up: slower(up), down: slower(down) } : { up, down };
  }

  /** Puts what is kept into force; at the start of the client. */
  async apply(): Promise<void> {
    await this.#engine.request({ type: 'limit', share: null, ...this.inForce });
    for (const [share, limits] of Object.entries(this.#kept.downloads)) {
      await this.#engine.request({ type: 'limit', share, ...limits });
    }
  }

  async setClient(change: Partial<Omit<KeptLimits, 'downloads'>>): Promise<void> {
    this.#keep({ ...this.#kept, ...change });
    await this.#engine.request({ type: 'limit', share: null, ...this.inForce });
  }

  async setTransfer(share: string, change: Partial<Limits>): Promise<void> {
    const limits = { up: null, down: null, ...this.#kept.downloads[share], ...change };
    const { [share]: _, ...others } = this.#kept.downloads;
    const isNone = limits.up === null && limits.down === null;
    this.#keep({ ...this.#kept, downloads: isNone ? others : { ...others, [share]: limits } });
    await this.#engine.request({ type: 'limit', share, ...limits });
  }

  /** That download is no more. */
  async forgetDownload(share: string): Promise<void> {
    if (this.#kept.downloads[share]) await this.setTransfer(share, { up: null, down: null });
  }

  #keep(limits: KeptLimits): void {
    this.#library.limits = JSON.stringify(limits);
    this.#kept = limits;
  }
}
