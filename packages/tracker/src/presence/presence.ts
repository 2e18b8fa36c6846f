import { keyParts } from '../domain/entities.ts';
import type { Put } from '../domain/rule.ts';
import { type PresenceTimes, presenceLimits } from '../limits.ts';
import { type Address, addressKey, believedAddresses, isShownTo, toBeProven } from './addresses.ts';
import {
  type Beat,
  type Device,
  type DeviceFacts,
  type ForwardedBeat,
  forwarded,
  learn,
  newDevice,
  type Role,
  readdress,
  type ShareKey,
  shareKey,
} from './online-device.ts';
import { Sharers } from './sharers.ts';

export interface OnlinePeer {
  readonly uid: string;
  readonly device: string;
  readonly role: Role;
  readonly addresses: Address[];
}

/** A device that is called back. */
export interface OnlineDevice {
  readonly uid: string;
  readonly device: string;
  /** A group in which it shares or fetches. */
  readonly gid: string;
}

/** Hears of the devices that are online here. */
export interface PresenceListener {
  /** `isNew`: it says something else than before. */
  beat(beat: ForwardedBeat, isNew: boolean): void;
  gone(device: string, presenceSession: number): void;
}

interface BeatOrigin {
  readonly source: string;
  readonly isHere: boolean;
  /** Of a forwarded one: the addresses that the other tracker believes. */
  readonly proven: Set<string> | undefined;
}

/**
 * Which devices are online and what they share or download: memory only, forgotten by time. Always true: `#sharers` holds exactly the roles of the devices in
 * `#devices`; a device has a role in a share only while its user is a member of the group; `#loading` sees the changes that happen while a device's
 * facts are read, so none is lost.
 */
export class Presence {
  readonly #devices = new Map<string, Device>();
  readonly #sharers: Sharers;
  readonly #loading = new Set<Put[]>();
  /** By user; forgotten with this run of the tracker, and of many users the one who went first. */
  readonly #lastSeenMs = new Map<string, number>();
  readonly #times: PresenceTimes;
  readonly #nowMs: () => number;
  readonly #factsOf: (uid: string, device: string) => Promise<DeviceFacts>;
  #listener: PresenceListener | undefined;
  readonly #answersAt: (device: OnlineDevice, address: Address) => Promise<boolean>;

  /**
   * `nowMs` never goes backwards. `onChange` hears of every share whose online devices changed. `answersAt` tells whether that device answers there; it is
   * asked of addresses that nothing else speaks for.
   */
  constructor(
    times: PresenceTimes,
    nowMs: () => number,
    factsOf: (uid: string, device: string) => Promise<DeviceFacts>,
    onChange: (share: ShareKey) => void,
    answersAt: (device: OnlineDevice, address: Address) => Promise<boolean> = async () => false,
  ) {
    this.#times = times;
    this.#nowMs = nowMs;
    this.#factsOf = factsOf;
    this.#sharers = new Sharers(onChange);
    this.#answersAt = answersAt;
  }

  /** Tells of the devices that are online here, from now on. */
  listen(listener: PresenceListener): void {
    this.#listener = listener;
  }

  /** What is known of the devices that are online here. */
  *here(): IterableIterator<ForwardedBeat> {
    for (const known of this.#devices.values()) if (known.isHere) yield forwarded(known);
  }

  /** Takes what another tracker tells of a device; addresses that it believes are believed. */
  async takeForwarded(beat: ForwardedBeat): Promise<void> {
    const { uid, device, presenceSession, source } = beat;
    const proven = new Set(beat.addresses.map(addressKey));
    await this.#take(uid, device, presenceSession, beat, { source, isHere: false, proven });
  }

  /** Another tracker still has a device online; whether it is known here, as of that version. */
  keepForwarded(device: string, presenceSession: number, version: number): boolean {
    const known = this.#devices.get(device);
    if (known && known.presenceSession > presenceSession) return true; // it moved on
    if (!known || known.presenceSession < presenceSession || known.version < version) return false;
    if (!known.isHere) known.expiresAtMs = this.#nowMs() + this.#times.ttlMs;
    return true;
  }

  /** A device is no more online at another tracker. */
  forgetForwarded(device: string, presenceSession: number): void {
    const known = this.#devices.get(device);
    if (known && !known.isHere && known.presenceSession === presenceSession) this.forget(device);
  }

  get ttlMs(): number {
    return this.#times.ttlMs;
  }

  get onlineDevices(): number {
    return this.#devices.size;
  }

  /** Takes a heartbeat; one that is not newer than the last only keeps the device online. Throws `protocol` for impossible addresses. */
  async heartbeat(uid: string, device: string, presenceSession: number, beat: Beat, source: string): Promise<void> {
    believedAddresses(beat.addresses, source); // refuses what nobody can listen on, whatever else the heartbeat is worth
    const version = this.#devices.get(device)?.version;
    const known = await this.#take(uid, device, presenceSession, beat, { source, isHere: true, proven: undefined });
    if (!known) return;
    this.#listener?.beat(forwarded(known), known.version !== version);
    this.#prove(known);
  }

  async #take(
    uid: string,
    device: string,
    presenceSession: number,
    beat: Beat,
    from: BeatOrigin,
  ): Promise<Device | undefined> {
    const known = this.#devices.get(device) ?? (await this.#load(uid, device, presenceSession));
    if (!known || known.presenceSession > presenceSession) return undefined;
    if (known.presenceSession < presenceSession) {
      this.forget(device);
      return this.#take(uid, device, presenceSession, beat, from);
    }
    known.isHere ||= from.isHere;
    known.expiresAtMs = this.#nowMs() + this.#times.ttlMs;
    known.suspectUntilMs = Number.POSITIVE_INFINITY;
    if (beat.version < known.version || (beat.version === known.version && !from.proven)) return known;
    known.version = beat.version;
    known.source = from.source;
    known.claimed = beat.addresses;
    if (from.proven) known.proven = from.proven;
    const moved = readdress(known);
    known.downloading = new Set(beat.downloading.map(shareKey));
    known.withheld = new Set(beat.withheld.map(shareKey));
    this.#sharers.follow(known, moved);
    return known;
  }

  /** Calls the device back where it says it is, as long as it is online and says so. Whoever answers calls changes nothing else. */
  #prove(known: Device): void {
    const { uid, device } = known;
    const [share] = known.roles.keys();
    if (share === undefined) return; // nobody is sent to it, and its port answers nobody
    const [gid = ''] = keyParts(share);
    for (const address of toBeProven(known.claimed, known.source)) {
      const key = addressKey(address);
      if (known.proven.has(key)) continue;
      void this.#answersAt({ uid, device, gid }, address).then((answers) => {
        if (!answers || this.#devices.get(device) !== known) return;
        known.proven.add(key);
        if (!readdress(known)) return;
        this.#sharers.follow(known, true);
        this.#listener?.beat(forwarded(known), true);
      });
    }
  }

  streamOpened(device: string): void {
    const known = this.#devices.get(device);
    if (known) known.suspectUntilMs = Number.POSITIVE_INFINITY;
  }

  streamClosed(device: string): void {
    const known = this.#devices.get(device);
    if (known) known.suspectUntilMs = this.#nowMs() + this.#times.suspectMs;
  }

  /** A device is offline from now on. */
  forget(device: string): void {
    const known = this.#devices.get(device);
    if (!known) return;
    this.#devices.delete(device);
    this.#wentOffline(known.uid);
    if (known.isHere) this.#listener?.gone(device, known.presenceSession);
    known.intents.clear();
    known.downloading.clear();
    this.#sharers.follow(known, false);
  }

  #wentOffline(uid: string): void {
    this.#lastSeenMs.delete(uid);
    this.#lastSeenMs.set(uid, this.#nowMs());
    if (this.#lastSeenMs.size > presenceLimits.lastSeen) this.#lastSeenMs.delete(this.#lastSeenMs.keys().next().value!);
  }

  /** How long ago a device of the user went offline last; undefined where this run of the tracker saw none do so. */
  offlineForMs(uid: string): number | undefined {
    const lastMs = this.#lastSeenMs.get(uid);
    return lastMs === undefined ? undefined : this.#nowMs() - lastMs;
  }

  /** Takes out who was silent for too long; to be called about every second. */
  expire(): void {
    const nowMs = this.#nowMs();
    for (const known of this.#devices.values()) {
      if (known.expiresAtMs <= nowMs || known.suspectUntilMs <= nowMs) this.forget(known.device);
    }
  }

  isOnline(device: string): boolean {
    return this.#devices.has(device);
  }

  usersOnline(): Set<string> {
    return new Set([...this.#devices.values()].map((known) => known.uid));
  }

  seeders(share: ShareKey): number {
    let seeders = 0;
    for (const role of this.#sharers.of(share).values()) if (role === 'seeder') seeders++;
    return seeders;
  }

  /** The devices that share or download this content. */
  devicesOf(share: ShareKey): string[] {
    return [...this.#sharers.of(share).keys()];
  }

  /** The peers of a share, with the addresses that a requester from `source` may know. */
  peersOf(share: ShareKey, exceptDevice: string, source: string): OnlinePeer[] {
    const peers: OnlinePeer[] = [];
    for (const [device, role] of this.#sharers.of(share)) {
      const known = this.#devices.get(device)!;
      if (device === exceptDevice) continue;
      const addresses = known.addresses.filter((address) => isShownTo(address, known.source, source));
      peers.push({ uid: known.uid, device, role, addresses });
    }
    return peers;
  }

  /** Rows changed: what online devices share, and where they are members, follows. */
  apply(puts: readonly Put[]): void {
    for (const missed of this.#loading) missed.push(...puts);
    const touched = new Set<Device>();
    for (const put of puts) for (const known of this.#concernedBy(put)) if (learn(known, put)) touched.add(known);
    for (const known of touched) this.#sharers.follow(known, false);
  }

  /** The online devices that a row may be about; an intent names its device, so that the end of thousands is quick. */
  #concernedBy({ entity, key }: Put): Iterable<Device> {
    if (entity === 'membership') return this.#devices.values();
    const device = entity === 'intent' ? this.#devices.get(keyParts(key)[3]!) : undefined;
    return device ? [device] : [];
  }

  async #load(uid: string, device: string, presenceSession: number): Promise<Device | undefined> {
    const missed: Put[] = [];
    this.#loading.add(missed);
    try {
      const facts = await this.#factsOf(uid, device);
      const loaded = this.#devices.get(device); // by another heartbeat meanwhile
      if (loaded) return loaded;
      const made = newDevice({ uid, device, presenceSession }, facts);
      for (const put of missed) learn(made, put);
      const loggedOut = missed.some(
        (put) => put.entity === 'device_session' && put.key === `${uid}/${device}` && !put.value,
      );
      if (loggedOut) return undefined;
      this.#devices.set(device, made);
      return made;
    } finally {
      this.#loading.delete(missed);
    }
  }
}
