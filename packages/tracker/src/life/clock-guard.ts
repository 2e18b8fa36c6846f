import { PeerageError } from '@peerage/contract';

/** A jump of the wall clock beyond this is not believed, nor a hybrid clock that is further ahead of it. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** What the guards of a tracker's threads share: how often the wall clock was agreed to, and how often the operator agreed to anything. */
export type ClockAgreements = SharedArrayBuffer;
export const newClockAgreements = (): ClockAgreements => new SharedArrayBuffer(8);

const BY_TRACKER = 0;
const BY_OPERATOR = 1;

/**
 * The time that a tracker of several believes. Always true: `nowMs()` never jumps: it follows the wall clock while that keeps step with the monotonic one, and the monotonic one from a
 * jump until the jump is taken back, a listed tracker has the same time, or the operator agrees. Nothing is stamped with a time that other trackers would refuse.
 */
export class ClockGuard {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  readonly #agreements: Int32Array;
  #anchor: { wallMs: number; monotonicMs: number };
  /** Agreements that were followed already: of the wall clock by trackers and operator, of the hybrid clock by the operator. */
  readonly #followed: { wall: number; hybrid: number };
  /** How far ahead the hybrid clock may be. */
  #aheadMs = CLOCK_TOLERANCE_MS;
  #offByMs = 0;

  constructor(wallMs: () => number, monotonicMs: () => number, agreements: ClockAgreements) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#agreements = new Int32Array(agreements);
    this.#anchor = { wallMs: wallMs(), monotonicMs: monotonicMs() };
    this.#followed = { wall: this.#count(BY_TRACKER) + this.#count(BY_OPERATOR), hybrid: this.#count(BY_OPERATOR) };
  }

  nowMs(): number {
    const [wallMs, monotonicMs] = [this.#wallMs(), this.#monotonicMs()];
    const expectedMs = this.#anchor.wallMs + monotonicMs - this.#anchor.monotonicMs;
    const agreements = this.#count(BY_TRACKER) + this.#count(BY_OPERATOR);
    const agreed = agreements !== this.#followed.wall;
    this.#followed.wall = agreements;
    if (!agreed && Math.abs(wallMs - expectedMs) > CLOCK_TOLERANCE_MS) {
      this.#offByMs = wallMs - expectedMs;
      return Math.floor(expectedMs);
    }
    this.#anchor = { wallMs, monotonicMs };
    this.#offByMs = 0;
    return wallMs;
  }

  /** How far the wall clock is from what is believed; 0 while it is believed. */
  offByMs(): number {
    this.nowMs();
    return this.#offByMs;
  }

  /** Throws `clock_skew` while the wall clock is not believed, or a stamp at `hybridMs` would be too far ahead of it. */
  require(hybridMs?: number): void {
    const nowMs = this.nowMs();
    if (this.#offByMs !== 0) throw skew(`jumped by ${Math.round(this.#offByMs / 1_000)} s`);
    if (hybridMs === undefined) return;
    const aheadMs = hybridMs - nowMs;
    const accepted = this.#count(BY_OPERATOR);
    if (accepted !== this.#followed.hybrid) {
      this.#followed.hybrid = accepted;
      this.#aheadMs = Math.max(CLOCK_TOLERANCE_MS, aheadMs + CLOCK_TOLERANCE_MS);
    }
    if (aheadMs > this.#aheadMs) {
      throw skew(`is ${Math.round(aheadMs / 1_000)} s behind what the tracker has written before`);
    }
  }

  /** A listed tracker believes that it is `otherMs`: where the wall clock says the same, it is right. */
  heard(otherMs: number): void {
    if (this.offByMs() === 0 || Math.abs(this.#wallMs() - otherMs) > CLOCK_TOLERANCE_MS) return;
    Atomics.add(this.#agreements, BY_TRACKER, 1);
  }

  /** The operator says that the wall clock is right. */
  accept(): void {
    Atomics.add(this.#agreements, BY_OPERATOR, 1);
  }

  #count(by: number): number {
    return Atomics.load(this.#agreements, by);
  }
}

const skew = (what: string) =>
  new PeerageError(
    'clock_skew',
    `the clock of the tracker ${what}: set it right, wait until another tracker agrees with it, or type accept_clock at its console`,
  );
