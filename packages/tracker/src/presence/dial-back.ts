import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { peerNameStatement } from '@peerage/contract';
import { presenceLimits } from '../limits.ts';
import { Tries } from '../throttle/tries.ts';
import type { Address } from './addresses.ts';

/** What a device must show, and under which name it answers. */
export interface DeviceProof {
  /** Raw Ed25519 key of the device, as hex. */
  readonly publicKey: string;
  /** Of a group in which the device shares or fetches. */
  readonly labelKey: string;
}

interface DialBackOptions {
  /** Never goes backwards. */
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
  /** The tracker's own address, where it listens on one only: that is where it is expected from. */
  readonly localAddress: string | undefined;
  readonly settleMs?: number;
}

/** Whoever names an address for the first time often has just begun to share, and has no certificate to show yet; the next call is a minute away. */
const SETTLE_MS = 2_000;

/**
 * Calls a device back at an address that only the device names. Always true: at most one call a minute goes to one address, whoever names it, and one for one device;
 * nothing is sent but the beginning of a TLS handshake.
 */
export class DialBack {
  readonly #options: DialBackOptions;
  readonly #addresses: Tries;
  readonly #devices: Tries;
  #open = 0;

  constructor(options: DialBackOptions) {
    this.#options = options;
    const once = { atOnce: 1, everyMs: presenceLimits.dialBackEveryMs };
    this.#addresses = new Tries(options.monotonicMs, once);
    this.#devices = new Tries(options.monotonicMs, once);
  }

  /** Whether whoever answers there shows, and has, the device's key; false too where it was called too lately. */
  async reaches(device: string, { host, port }: Address, { publicKey, labelKey }: DeviceProof): Promise<boolean> {
    if (this.#open >= presenceLimits.dialBacksAtOnce) return false;
    if (this.#devices.take(device) > 0 || this.#addresses.take(host) > 0) return false;
    this.#open++;
    try {
      await sleep(this.#options.settleMs ?? SETTLE_MS, undefined, { ref: false });
      return (await this.#keyAt(host, port, this.#serverName(labelKey))) === publicKey;
    } finally {
      this.#open--;
    }
  }

  /** The name under which the group's members meet today (contract, ids.ts). */
  #serverName(labelKey: string): string {
    const statement = peerNameStatement(this.#options.nowMs());
    return `${createHmac('sha256', Buffer.from(labelKey, 'hex')).update(statement).digest('hex').slice(0, 32)}.peer`;
  }

  /** The key that is shown there, as hex; undefined where no member's port answers. */
  #keyAt(host: string, port: number, servername: string): Promise<string | undefined> {
    const { localAddress } = this.#options;
    return new Promise((resolve) => {
      const socket = connect({
        host,
        port,
        servername,
        ...(localAddress !== undefined && isIP(localAddress) === isIP(host) && { localAddress }),
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        rejectUnauthorized: false, // the key is compared instead
      });
      const limit = setTimeout(() => socket.destroy(), presenceLimits.dialBackMs);
      socket.once('secureConnect', () => {
        const key = socket.getPeerX509Certificate()?.publicKey;
        socket.destroy();
        if (key?.asymmetricKeyType !== 'ed25519') return resolve(undefined);
        resolve(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex'));
      });
      socket.on('error', () => undefined); // whatever it is, the device does not answer there
      socket.once('close', () => {
        clearTimeout(limit);
        resolve(undefined);
      });
    });
  }
}
