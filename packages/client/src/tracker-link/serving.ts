import { PeerageError, type TrackerClient } from '@peerage/contract';
import { goesOn, LoginUnknown } from './going-on.ts';
import type { HttpTransport } from './http-transport.ts';
import { Unreachable } from './pinned-tls.ts';
import type { TrackerSession } from './sessions.ts';

export interface TrackerState {
  readonly address: string;
  readonly serving: boolean;
  readonly reachable: boolean;
}

/** A tracker of the tracker file, as this client knows it. */
export interface Tracker {
  readonly address: string;
  /** Whether its key is known, from the tracker file or from before. */
  readonly isKnown: () => boolean;
  readonly transport: HttpTransport;
  readonly client: TrackerClient;
  session: Pick<TrackerSession, 'token' | 'presenceSession'> | undefined;
  /** One login for everybody who waits for it. */
  relogin: Promise<TrackerSession> | undefined;
  reachable: boolean;
}

interface ServingListener {
  /** Another tracker serves from now on, or none (null). */
  onServing(address: string | null): void;
  /** All that answered know nothing of the login. */
  onLoginUnknown(): void;
}

/** Which of the trackers serves: the one that answered last. Always true: it is asked first, and one that was away and answers late does not take its place. */
export class Serving {
  readonly #trackers: readonly Tracker[];
  readonly #told: ServingListener;
  #index = 0;
  #anyReachable = true;

  constructor(trackers: readonly Tracker[], listener: ServingListener) {
    this.#trackers = trackers;
    this.#told = listener;
  }

  /** The one that is asked first. */
  get tracker(): Tracker {
    return this.#trackers[this.#index]!;
  }

  /** Tries all trackers, and says how they stand. */
  async look(): Promise<TrackerState[]> {
    const probe = async (tracker: Tracker) => {
      tracker.reachable = await tracker.transport.probe().then(
        () => true,
        () => false, // why is told by the call that needs it
      );
    };
    // One after the other where they are met first, so that the one that is known then vouches for the next.
    const [known, unknown] = [
      this.#trackers.filter((each) => each.isKnown()),
      this.#trackers.filter((each) => !each.isKnown()),
    ];
    await Promise.all(known.map(probe));
    for (const tracker of unknown) await probe(tracker);
    return this.states;
  }

  get states(): TrackerState[] {
    return this.#trackers.map((tracker, index) => ({
      address: tracker.address,
      serving: index === this.#index && tracker.reachable,
      reachable: tracker.reachable,
    }));
  }

  /** The tracker that serves, or null while none answers. */
  get address(): string | null {
    return this.#anyReachable ? this.tracker.address : null;
  }

  /**
   * Runs steps that must all happen at one tracker (a challenge and its answer) at the one that serves, else at the next that does. Where all were tried and some only took too long, all are
   * tried once more with patience.
   */
  async atFirstThatAnswers<T>(steps: (tracker: Tracker) => Promise<T>): Promise<T> {
    for (const isLastRound of [false, true]) {
      const failures: PeerageError[] = [];
      const first = this.#index;
      for (let tried = 0; tried < this.#trackers.length; tried++) {
        const index = (first + tried) % this.#trackers.length;
        const tracker = this.#trackers[index]!;
        try {
          const value = await steps(tracker);
          this.#answered(index, first);
          return value;
        } catch (error) {
          if (!goesOn(error)) {
            // It answered: with a refusal.
            if (!(error instanceof PeerageError) || error.code !== 'tracker_key_changed') this.#answered(index, first);
            throw error;
          }
          tracker.reachable = error.code !== 'tracker_unreachable';
          failures.push(error);
        }
      }
      const isSlow = failures.some((failure) => failure instanceof Unreachable && failure.isSlow);
      if (isLastRound || !isSlow) this.#giveUp(failures);
      for (const tracker of this.#trackers) tracker.transport.bePatient();
    }
    throw new Error('unreachable'); // the last round ends in an answer or in #giveUp
  }

  #giveUp(failures: readonly PeerageError[]): never {
    const unknown = failures.filter((failure) => failure instanceof LoginUnknown);
    if (unknown.length === failures.length) this.#told.onLoginUnknown();
    this.#nooneServes();
    const answered = failures.find((failure) => failure.code !== 'tracker_unreachable');
    if (answered) throw answered;
    const list = this.#trackers.map((tracker) => tracker.address).join(', ');
    throw new PeerageError(
      'tracker_unreachable',
      `no tracker answers (${list}): start one, or try again when one is back`,
    );
  }

  /** The only tracker has gone silent: the person is told as soon as it is certain, not when patience is over. */
  async lookAtOnly(): Promise<void> {
    const [tracker, ...others] = this.#trackers as [Tracker, ...Tracker[]];
    if (others.length > 0) return;
    try {
      await tracker.transport.probe();
    } catch (error) {
      if (!(error instanceof PeerageError)) throw error;
      tracker.reachable = false;
      this.#nooneServes();
    }
  }

  /** A tracker answered a question that began while `first` served. One that was away and answers late is not gone back to. */
  #answered(index: number, first: number): void {
    if (this.#index === first || !this.#anyReachable) this.#nowServing(index);
    else this.#trackers[index]!.reachable = true;
  }

  #nowServing(index: number): void {
    const tracker = this.#trackers[index]!;
    const changed = this.#index !== index || !this.#anyReachable;
    tracker.reachable = true;
    this.#index = index;
    this.#anyReachable = true;
    if (changed) this.#told.onServing(tracker.address);
  }

  #nooneServes(): void {
    if (!this.#anyReachable) return;
    this.#anyReachable = false;
    this.#told.onServing(null);
  }
}
