import type { InfoHash } from '@peerage/bittorrent';
import type { Dialer } from '../net/dialer.ts';
import { shareLinkLimits } from '../net/limits.ts';
import type { Member } from '../net/transport.ts';
import type { PeerCandidate } from './engine-protocol.ts';

/** A seeder needs nobody: it dials only those who did not manage to dial it. */
const SEEDER_PATIENCE_MS = 1000;

/** Whom a share knows of, and which of them it wants a connection to. */
export class WantedPeers {
  readonly #dialer: Dialer;
  readonly #share: InfoHash;
  readonly #group: string;
  readonly #self: () => Member | null;
  readonly #users = new Map<string, string>();
  readonly #useless = new Set<string>();
  #peers: readonly PeerCandidate[] = [];

  constructor(dialer: Dialer, share: InfoHash, group: string, self: () => Member | null) {
    this.#dialer = dialer;
    this.#share = share;
    this.#group = group;
    this.#self = self;
  }

  replace(peers: readonly PeerCandidate[]): void {
    this.#peers = peers;
    for (const { device, user } of peers) this.#users.set(device, user);
    const listed = new Set(peers.map(({ device }) => device));
    // Somebody who went and came again may have lost what he had.
    for (const device of this.#useless) if (!listed.has(device)) this.#useless.delete(device);
  }

  /** Who dialed us without being listed says himself who he is; the tracker's word goes before his. */
  met(member: Member): void {
    if (!this.#users.has(member.device)) this.#users.set(member.device, member.user);
  }

  /** Whom the share knows of, us left out. */
  get known(): readonly PeerCandidate[] {
    const self = this.#self();
    return this.#peers.filter(({ device }) => device !== self?.device);
  }

  userOf(device: string): string {
    return this.#users.get(device) ?? '';
  }

  /** Neither side lacks anything of the other. */
  useless(device: string): void {
    this.#useless.add(device);
  }

  /** This side lacks something again. */
  lacksAgain(): void {
    this.#useless.clear();
  }

  isUseless(device: string): boolean {
    return this.#useless.has(device);
  }

  dial(allowed: (device: string) => boolean, complete: boolean): void {
    const self = this.#self();
    const dialable =
      self === null
        ? []
        : this.#peers.filter(({ device }) => device !== self.device && allowed(device) && !this.#useless.has(device));
    const chosen = dialable.length <= shareLinkLimits.dialed ? dialable : sample(dialable, shareLinkLimits.dialed);
    this.#dialer.want(
      this.#share,
      chosen.map(({ device, addresses }) => ({
        group: this.#group,
        device,
        addresses,
        patienceMs: complete ? SEEDER_PATIENCE_MS : 0,
      })),
    );
  }
}

function sample<Item>(items: readonly Item[], count: number): Item[] {
  const rest = [...items];
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(Math.random() * (rest.length - at));
    [rest[at], rest[other]] = [rest[other]!, rest[at]!];
  }
  return rest.slice(0, count);
}
