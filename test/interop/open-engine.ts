import { Engine } from '../../packages/client/src/engine/engine.ts';
import type { EngineEvent, ListenAddress } from '../../packages/client/src/engine/engine-protocol.ts';
import { plainLinks } from '../../packages/client/src/net/plain-tcp.ts';
import type { StockShare } from './stock-share.ts';

/** The product's piece engine over plain TCP, where stock clients are let in. */
export class OpenEngine {
  readonly host: string;
  readonly port: number;
  readonly #engine: Engine;
  readonly #watchers: Set<(event: EngineEvent) => void>;

  private constructor(engine: Engine, watchers: Set<(event: EngineEvent) => void>, host: string, port: number) {
    this.#engine = engine;
    this.#watchers = watchers;
    this.host = host;
    this.port = port;
  }

  static async start(device: string, host: string): Promise<OpenEngine> {
    const watchers = new Set<(event: EngineEvent) => void>();
    const engine = new Engine({
      links: plainLinks({ takesStrangers: true }),
      onEvent: (event) => {
        for (const watcher of [...watchers]) watcher(event);
      },
    });
    const address = (await engine.handle({ type: 'listen', host, port: 0 })) as ListenAddress;
    await engine.handle({ type: 'identify', self: { device, user: `user-${device.slice(0, 4)}` } });
    return new OpenEngine(engine, watchers, host, address.port);
  }

  async seed(share: StockShare, path: string): Promise<void> {
    await this.#engine.handle({
      type: 'seed',
      share: share.infoHash,
      info: share.info,
      path,
      identity: share.identity,
    });
  }

  /** Resolves when others can find it here; `done` when the download has its final name. `peers`: `host:port`. */
  async fetch(share: StockShare, destination: string, peers: readonly string[]): Promise<{ done: Promise<void> }> {
    const id = share.infoHash;
    const done = this.#over(id);
    const journal = `${destination}.journal`;
    await this.#engine.handle({ type: 'fetch', share: id, info: share.info, destination, journal, paused: false });
    const candidates = peers.map((peer, place) => {
      const [host, port] = peer.split(':');
      const device = (place + 1).toString(16).padStart(32, 'e');
      return { device, user: `stock${place}`, addresses: [{ host: host!, port: Number(port) }] };
    });
    await this.#engine.handle({ type: 'peers', share: id, peers: candidates });
    return { done };
  }

  async close(): Promise<void> {
    await this.#engine.handle({ type: 'shutdown' });
  }

  #over(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = (event: EngineEvent) => {
        if (event.type !== 'completed' && event.type !== 'failed') return;
        if (event.share !== id) return;
        this.#watchers.delete(watcher);
        if (event.type === 'completed') resolve();
        else reject(new Error(event.message));
      };
      this.#watchers.add(watcher);
    });
  }
}
