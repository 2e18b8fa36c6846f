import type { InfoHash } from '@peerage/bittorrent';
import { type DialFailure, dialFailure } from './dial-failure.ts';
import { dialLimits } from './limits.ts';
import { isStranger } from './refusal.ts';
import type { ByteConnection, NetAddress, Transport } from './transport.ts';

/** Between the first tries of two addresses of one device (RFC 8305, "happy eyeballs"). */
const STAGGER_MS = 250;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** Node's timers end at once where they are asked for more than 2^31 ms. */
const LONGEST_TIMER_MS = 86_400_000;
/** Between tries for a connection that takes over: the one that is to be replaced ends soon. */
const RENEWAL_RETRY = { atLeastMs: 50, ofWhatIsLeft: 0.25 };
/** The two ends of a connection reckon its end by their own clocks: so much apart it is still the planned one. */
const PLANNED_END_MS = 1000;
/** A connection that ended sooner was of no use to somebody: the next one is not made at once. */
const LASTING_MS = 10_000;

const restMs = (failures: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, failures - 1));

/** Somebody whom a share wants a connection to. */
export interface DialTarget {
  readonly group: string;
  readonly device: string;
  readonly addresses: readonly NetAddress[];
  /** The other side may dial us as well: it has this long before we do. */
  readonly patienceMs: number;
}

/** When a connection ends by itself, and from when on the next one is made beside it; by the monotonic clock. */
export interface PlannedEnd {
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

const never: PlannedEnd = { renewAtMs: Number.POSITIVE_INFINITY, endsAtMs: Number.POSITIVE_INFINITY };

interface DialerOptions {
  readonly transport: Transport;
  readonly nowMs: () => number;
  /**
   * A socket is open. `settled` is to be called once: when both handshakes are done (true), or when the connection ended before (false).
   * The address is not tried again until then. `connected` is told before it.
   */
  readonly onDialed: (
    share: InfoHash,
    device: string,
    bytes: ByteConnection,
    settled: (joined: boolean) => void,
  ) => void;
}

interface AddressState {
  readonly address: NetAddress;
  /** Ends the attempt that is under way. */
  attempt: AbortController | undefined;
  failures: number;
  triedAtMs: number;
  notBeforeMs: number;
  /** Tries in a row in which somebody answered who is no member of anything. */
  strangers: number;
  quarantinedUntilMs: number;
  /** It was told of while it was being tried: whoever is there now may not have been there when that began. */
  newsWhileTried: boolean;
  /** When all news will be worked off that cut its rests short. */
  newsClearAtMs: number;
  /** How the last try failed; undefined where it did not. */
  failure: DialFailure | undefined;
}

interface Want {
  readonly share: InfoHash;
  readonly group: string;
  readonly device: string;
  addresses: AddressState[];
  connected: boolean;
  /** Of our connection, while connected: one that lasts longer is to be made before. */
  planned: PlannedEnd;
  connectedAtMs: number;
  /** Connections in a row that did not last. */
  drops: number;
  notBeforeMs: number;
}

/**
 * Who is dialed when.
 *
 * Always true:
 * - A target address has at most one attempt under way, over all shares; after a failure it rests 0.5 s, doubling up to 15 s; news of it cut that rest short,
 *   but not always; where strangers answer, it rests 10 min after the third try, whatever the news. Whoever lists a victim's address gets no
 *   more than that out of us.
 * - Nobody who is connected is dialed, but for the connection that takes over before one of ours ends. One timer runs, for the next moment at which something is due.
 */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #wants = new Map<string, Want>();
  readonly #addresses = new Map<string, AddressState>();
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Replaces whom the share wants. Being told of somebody is news: an address that rests is tried again soon. */
  want(share: InfoHash, targets: readonly DialTarget[]): void {
    const nowMs = this.#options.nowMs();
    const devices = new Set(targets.map((target) => target.device));
    for (const [key, want] of this.#wants) {
      if (want.share === share && !devices.has(want.device)) this.#wants.delete(key);
    }
    for (const target of targets) {
      const key = keyOf(share, target.device);
      const addresses = target.addresses.map((address) => this.#addressState(address));
      for (const state of addresses) this.#hearNews(state, nowMs);
      const want = this.#wants.get(key);
      if (want !== undefined) want.addresses = addresses;
      else {
        const notBeforeMs = nowMs + target.patienceMs;
        this.#wants.set(key, {
          share,
          group: target.group,
          device: target.device,
          addresses,
          connected: false,
          planned: never,
          connectedAtMs: 0,
          drops: 0,
          notBeforeMs,
        });
      }
    }
    this.#forgetAddresses();
    this.#pump();
  }

  /** Forgets the share; what is under way for it ends by its own checks. */
  forget(share: InfoHash): void {
    this.want(share, []);
  }

  /** `planned`, of a connection that we dialed: from its `renewAtMs` on another one is made beside it, until one is joined that lasts longer. */
  connected(share: InfoHash, device: string, planned = never): void {
    const want = this.#wants.get(keyOf(share, device));
    if (want === undefined) return;
    want.connected = true;
    want.planned = planned;
    want.connectedAtMs = this.#options.nowMs();
    if (planned.renewAtMs < Number.POSITIVE_INFINITY) this.#pump();
  }

  /** The last connection to the device ended. `hopeless`: not dialed again before the share wants it anew. */
  disconnected(share: InfoHash, device: string, hopeless: boolean): void {
    const want = this.#wants.get(keyOf(share, device));
    if (want === undefined) return;
    const nowMs = this.#options.nowMs();
    const asPlanned = nowMs > want.planned.endsAtMs - PLANNED_END_MS;
    want.drops = asPlanned || nowMs - want.connectedAtMs > LASTING_MS ? 0 : want.drops + 1;
    want.connected = false;
    want.planned = never;
    want.notBeforeMs = hopeless ? Number.POSITIVE_INFINITY : nowMs + (asPlanned ? 0 : restMs(want.drops));
    this.#pump();
  }

  /** Somebody not connected yet may still answer: an address of his did not fail at its last try, or is in its first. */
  hopes(share: InfoHash): boolean {
    for (const want of this.#wants.values()) {
      if (want.share !== share || want.connected || want.notBeforeMs === Number.POSITIVE_INFINITY) continue;
      if (want.addresses.some((state) => state.failures === 0)) return true;
    }
    return false;
  }

  /** How many addresses a device is dialed at for a share, and how those fail that do. */
  triesOf(share: InfoHash, device: string): { readonly addresses: number; readonly failures: readonly DialFailure[] } {
    const want = this.#wants.get(keyOf(share, device));
    const failures = (want?.addresses ?? []).flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    return { addresses: want?.addresses.length ?? 0, failures };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wants.clear();
    for (const state of this.#addresses.values()) state.attempt?.abort(new Error('the dialer is closed'));
  }

  #addressState(address: NetAddress): AddressState {
    const key = `${address.host} ${address.port}`;
    let state = this.#addresses.get(key);
    if (state === undefined) {
      state = {
        address,
        attempt: undefined,
        failures: 0,
        triedAtMs: Number.NEGATIVE_INFINITY,
        notBeforeMs: 0,
        strangers: 0,
        quarantinedUntilMs: 0,
        newsWhileTried: false,
        newsClearAtMs: 0,
        failure: undefined,
      };
      this.#addresses.set(key, state);
    }
    return state;
  }

  /** An address that rests is tried again soon, unless it was told of so often that somebody may want it to be. */
  #hearNews(state: AddressState, nowMs: number): void {
    const soonMs = state.triedAtMs + FIRST_RETRY_MS;
    if (state.attempt === undefined ? soonMs >= state.notBeforeMs : state.newsWhileTried) return;
    const clearAtMs = Math.max(nowMs, state.newsClearAtMs) + dialLimits.newsEveryMs;
    if (clearAtMs > nowMs + dialLimits.newsAtOnce * dialLimits.newsEveryMs) return;
    state.newsClearAtMs = clearAtMs;
    if (state.attempt === undefined) state.notBeforeMs = soonMs;
    else state.newsWhileTried = true;
  }

  /** What an address is held back for is remembered, also where nobody lists it for a while. */
  #forgetAddresses(): void {
    const longAgoMs = this.#options.nowMs() - dialLimits.quarantineMs;
    const used = new Set<AddressState>();
    for (const want of this.#wants.values()) for (const state of want.addresses) used.add(state);
    for (const [key, state] of this.#addresses) {
      const isHeldBack = state.failures > 0 && state.triedAtMs > longAgoMs;
      if (!used.has(state) && state.attempt === undefined && !isHeldBack) this.#addresses.delete(key);
    }
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const nowMs = this.#options.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const want of this.#wants.values()) {
      const wantedAtMs = want.connected ? want.planned.renewAtMs : want.notBeforeMs;
      if (wantedAtMs === Number.POSITIVE_INFINITY) continue;
      for (const [at, state] of want.addresses.entries()) {
        if (state.attempt !== undefined || this.#attempts >= dialLimits.attempts) continue;
        const dueMs = Math.max(wantedAtMs + at * STAGGER_MS, state.notBeforeMs, state.quarantinedUntilMs);
        if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
        else void this.#try(want, state);
      }
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#pump(), Math.min(LONGEST_TIMER_MS, nextMs - nowMs));
  }

  #isWanted(want: Want): boolean {
    return !want.connected || want.planned.renewAtMs <= this.#options.nowMs();
  }

  /** How long an address rests that failed. */
  #restMs(want: Want, { failures }: AddressState): number {
    if (!want.connected) return restMs(failures);
    const leftMs = want.planned.endsAtMs - this.#options.nowMs();
    return Math.min(restMs(failures), Math.max(RENEWAL_RETRY.atLeastMs, leftMs * RENEWAL_RETRY.ofWhatIsLeft));
  }

  async #try(want: Want, state: AddressState): Promise<void> {
    const attempt = new AbortController();
    state.attempt = attempt;
    state.triedAtMs = this.#options.nowMs();
    this.#attempts++;
    const limit = setTimeout(() => attempt.abort(new Error('no answer')), dialLimits.attemptMs);
    const settled = (joined: boolean, error?: unknown) => {
      if (state.attempt !== attempt) return;
      state.failure = joined ? undefined : dialFailure(state.address, error);
      state.attempt = undefined;
      this.#attempts--;
      state.failures = joined ? 0 : state.failures + 1;
      const nowMs = this.#options.nowMs();
      state.notBeforeMs = nowMs + (joined ? 0 : state.newsWhileTried ? FIRST_RETRY_MS : this.#restMs(want, state));
      state.newsWhileTried = false;
      state.strangers = isStranger(error) ? state.strangers + 1 : 0;
      if (state.strangers >= dialLimits.strangerTries) {
        state.strangers = 0;
        state.quarantinedUntilMs = nowMs + dialLimits.quarantineMs;
      }
      this.#pump();
    };
    try {
      const bytes = await this.#options.transport.dial(state.address, want, attempt.signal);
      clearTimeout(limit);
      if (this.#closed || !this.#isWanted(want) || this.#wants.get(keyOf(want.share, want.device)) !== want) {
        bytes.close();
        settled(true);
      } else {
        this.#options.onDialed(want.share, want.device, bytes, settled);
      }
    } catch (error) {
      // Whatever the reason, all there is to do is to try again later.
      clearTimeout(limit);
      settled(false, error);
    }
  }
}

const keyOf = (share: InfoHash, device: string): string => `${share} ${device}`;
