import { blockOf } from './address-block.ts';
import { handshakeLimits } from './limits.ts';
import type { ByteConnection, NetAddress, Transport, TransportListener } from './transport.ts';

interface ListenerOptions {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  /** `settled` is to be called once, when the handshake is over, well or not. */
  readonly onConnection: (bytes: ByteConnection, settled: () => void) => void;
}

/**
 * The port that others dial.
 * Always true: at most 128 handshakes are pending, at most 16 from one address (IPv6: one /64); what comes beyond is closed unread.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #pendingByAddress = new Map<string, number>();
  #pending = 0;
  #inner: TransportListener | undefined;

  private constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Rejects with the system's error (`code` EADDRINUSE and so on). */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.#inner = await options.transport.listen(options.host, options.port, (bytes) => listener.#accept(bytes));
    return listener;
  }

  get address(): NetAddress {
    return this.#inner!.address;
  }

  /** Accepts no more; accepted connections live on. */
  async close(): Promise<void> {
    await this.#inner!.close();
  }

  #accept(bytes: ByteConnection): void {
    const address = blockOf(bytes.remote.host);
    const fromThere = this.#pendingByAddress.get(address) ?? 0;
    if (this.#pending >= handshakeLimits.pendingInAll || fromThere >= handshakeLimits.pendingPerBlock) {
      bytes.close();
      return;
    }
    this.#pending++;
    this.#pendingByAddress.set(address, fromThere + 1);
    let open = true;
    this.#options.onConnection(bytes, () => {
      if (!open) return;
      open = false;
      this.#pending--;
      const left = this.#pendingByAddress.get(address)! - 1;
      if (left === 0) this.#pendingByAddress.delete(address);
      else this.#pendingByAddress.set(address, left);
    });
  }
}
