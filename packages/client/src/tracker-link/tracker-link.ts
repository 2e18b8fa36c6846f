import { randomBytes } from 'node:crypto';
import {
  createTrackerClient,
  PeerageError,
  type RouteAnswer,
  type RouteInput,
  type TrackerClient,
  type TrackerEvent,
  type TrackerRoutes,
  trackerRoutes,
} from '@peerage/contract';
import type { DeviceKey, Identity } from '../library/identities.ts';
import { followEvents } from './follow-events.ts';
import { goesOn, LoginUnknown } from './going-on.ts';
import { HttpTransport } from './http-transport.ts';
import { isLoopback, PinnedTls, type TrackerAddress, type TrackerKeys, Unreachable } from './pinned-tls.ts';
import { deviceSession, passwordSession, type TrackerSession } from './sessions.ts';
import { Vouching } from './vouching.ts';

export interface TrackerState {
  readonly address: string;
  readonly serving: boolean;
  readonly reachable: boolean;
}

export interface LinkListener {
  onEvent(event: TrackerEvent): void;
  /** A tracker off this machine that was never met before; told before anything is sent to it. */
  onFirstContact(address: string, pin: string): void;
  /** Another tracker serves from now on, or none (null). */
  onServing(address: string | null): void;
  /** A tracker gave a new session for the logged-in device (after a restart or at another tracker). */
  onSession(session: TrackerSession): void;
  /** The device may no longer log in by itself: the person has to. */
  onSessionEnded(reason: string): void;
}

interface Tracker {
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

/** A random command id: the same one goes with every retry of one command. */
export const newCommandId = (): string => randomBytes(16).toString('hex');

/**
 * The way to the trackers. Always true: requests go to `#serving`, and to the next of the list when it does not answer; a session belongs to
 * one tracker and is made anew by the device key where it is missing; the event stream runs exactly while somebody is logged in.
 */
export class TrackerLink {
  readonly #trackers: Tracker[];
  readonly #vouching: Vouching;
  readonly #listener: LinkListener;
  #serving = 0;
  #identity: Identity | undefined;
  #anyReachable = true;
  #events: AbortController | undefined;
  /** The tracker that gave the present session: what it says of the login counts. */
  #loggedInAt: Tracker | undefined;

  constructor(trackers: readonly TrackerAddress[], keys: TrackerKeys, listener: LinkListener) {
    this.#vouching = new Vouching(() => this.#trackers, keys);
    this.#listener = listener;
    this.#trackers = trackers.map((tracker) => {
      const { address } = tracker;
      const tls = new PinnedTls(tracker, keys, {
        vouched: () => this.#vouching.keyOf(address),
        met: (pin) => {
          if (!isLoopback(tracker.host)) listener.onFirstContact(address, pin);
        },
      });
      const isKnown = () => tracker.pin !== null || keys.find(address) !== undefined;
      const transport = new HttpTransport(tracker, tls, trackers.length === 1);
      const client = createTrackerClient((request) => transport.send(request));
      return { address, isKnown, transport, client, session: undefined, relogin: undefined, reachable: true };
    });
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
    return this.trackers;
  }

  get trackers(): TrackerState[] {
    return this.#trackers.map((tracker, index) => ({
      address: tracker.address,
      serving: index === this.#serving && tracker.reachable,
      reachable: tracker.reachable,
    }));
  }

  /** The tracker that serves, or null while none answers. */
  get servingAddress(): string | null {
    return this.#anyReachable ? this.#trackers[this.#serving]!.address : null;
  }

  /** One call, at the first tracker that answers. The input is sent unchanged to each, so a command id makes a retry one effect. */
  call<K extends keyof TrackerRoutes>(
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return this.#atFirstThatAnswers((tracker) => this.#callAt(tracker, name, input));
  }

  /** One call whose input says which login it is of: made anew for each session that it is sent with. */
  callWith<K extends keyof TrackerRoutes>(
    name: K,
    inputFor: (presenceSession: number) => RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return this.#atFirstThatAnswers((tracker) =>
      this.#withSession(tracker, ({ token, presenceSession }) =>
        tracker.client.call(name, inputFor(presenceSession), { token }),
      ),
    );
  }

  /** One call at that tracker of the list and no other, which needs no session. */
  callAt<K extends keyof TrackerRoutes>(
    address: string,
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    const tracker = this.#trackers.find((listed) => listed.address === address);
    if (tracker) return tracker.client.call(name, input);
    return Promise.reject(new PeerageError('tracker_unreachable', `${address} is in the tracker file no more`));
  }

  /** A session for the account by its password, for this device key, whose possession is shown too. */
  logIn(name: string, password: string, key: DeviceKey, label: string): Promise<TrackerSession> {
    return this.#atFirstThatAnswers((tracker) => passwordSession(tracker.transport, name, password, key, label));
  }

  /** From now on `identity` is logged in: events flow, and where a tracker has no session of it the device key makes one. */
  start(identity: Identity, session: TrackerSession | null): void {
    this.stop();
    this.#identity = identity;
    if (session) {
      this.#loggedInAt = this.#trackers[this.#serving]!;
      this.#loggedInAt.session = session;
    }
    this.#events = new AbortController();
    void followEvents(
      {
        find: async () => {
          await this.call('me', {}); // finds the tracker that serves and makes sure of a session there
          return this.#trackers[this.#serving]!;
        },
        onEvent: (event) => this.#listener.onEvent(event),
        onOpen: (signal) => void this.#vouching.learn(signal),
        onSilence: async (tracker) => {
          if (this.#trackers.length === 1) await this.#lookAtOnly(tracker);
        },
      },
      this.#events.signal,
    );
  }

  stop(): void {
    this.#events?.abort();
    this.#events = undefined;
    this.#identity = undefined;
    this.#loggedInAt = undefined;
    for (const tracker of this.#trackers) tracker.session = undefined;
  }

  close(): void {
    this.stop();
    for (const tracker of this.#trackers) tracker.transport.close();
  }

  /**
   * Runs steps that must all happen at one tracker (a challenge and its answer) at the one that serves, else at the next that does. Where all were tried and some only took too long, all are
   * tried once more with patience.
   */
  async #atFirstThatAnswers<T>(steps: (tracker: Tracker) => Promise<T>): Promise<T> {
    for (const isLastRound of [false, true]) {
      const failures: PeerageError[] = [];
      const first = this.#serving;
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
    if (unknown.length === failures.length) this.#sessionEnded();
    this.#nooneServes();
    const answered = failures.find((failure) => failure.code !== 'tracker_unreachable');
    if (answered) throw answered;
    const list = this.#trackers.map((tracker) => tracker.address).join(', ');
    throw new PeerageError(
      'tracker_unreachable',
      `no tracker answers (${list}): start one, or try again when one is back`,
    );
  }

  async #callAt<K extends keyof TrackerRoutes>(
    tracker: Tracker,
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    if (!trackerRoutes[name].session) return tracker.client.call(name, input);
    return this.#withSession(tracker, ({ token }) => tracker.client.call(name, input, { token }));
  }

  /** Where the tracker forgot the session (it was restored, or the session ran out) the device key makes a new one. */
  async #withSession<T>(
    tracker: Tracker,
    call: (session: Pick<TrackerSession, 'token' | 'presenceSession'>) => Promise<T>,
  ): Promise<T> {
    if (!this.#identity) throw new PeerageError('not_logged_in', 'nobody is logged in: login <user_id> <passwd> first');
    const session = tracker.session ?? (await this.#sessionAt(tracker));
    try {
      return await call(session);
    } catch (error) {
      if (!(error instanceof PeerageError) || error.code !== 'not_logged_in') throw error;
      if (tracker.session?.token === session.token) tracker.session = undefined;
      return call(tracker.session ?? (await this.#sessionAt(tracker)));
    }
  }

  /** Makes a session by the device key. */
  async #sessionAt(tracker: Tracker): Promise<TrackerSession> {
    const identity = this.#identity;
    if (!identity) throw new PeerageError('not_logged_in', 'nobody is logged in: login <user_id> <passwd> first');
    tracker.relogin ??= deviceSession(tracker.transport, identity).finally(() => {
      tracker.relogin = undefined;
    });
    try {
      const session = await tracker.relogin;
      if (this.#identity === identity && tracker.session?.token !== session.token) {
        // What the others know of is an earlier login, whose heartbeats count no more: they are logged in at anew.
        for (const each of this.#trackers) each.session = each === tracker ? session : undefined;
        this.#loggedInAt = tracker;
        this.#listener.onSession(session);
      }
      return session;
    } catch (error) {
      if (!(error instanceof PeerageError) || error.code !== 'bad_credentials') throw error;
      const isOthers = this.#loggedInAt !== undefined && this.#loggedInAt !== tracker;
      if (isOthers) throw new LoginUnknown(tracker.address);
      if (this.#identity === identity) this.#sessionEnded();
      throw new PeerageError('not_logged_in', 'the session ended: login <user_id> <passwd> again');
    }
  }

  #sessionEnded(): void {
    if (!this.#identity) return;
    this.stop();
    this.#listener.onSessionEnded('the password was changed or this device was put out');
  }

  /** The only tracker has gone silent: the person is told as soon as it is certain, not when patience is over. */
  async #lookAtOnly(tracker: Tracker): Promise<void> {
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
    if (this.#serving === first || !this.#anyReachable) this.#nowServing(index);
    else this.#trackers[index]!.reachable = true;
  }

  #nowServing(index: number): void {
    const tracker = this.#trackers[index]!;
    const changed = this.#serving !== index || !this.#anyReachable;
    tracker.reachable = true;
    this.#serving = index;
    this.#anyReachable = true;
    if (changed) this.#listener.onServing(tracker.address);
  }

  #nooneServes(): void {
    if (!this.#anyReachable) return;
    this.#anyReachable = false;
    this.#listener.onServing(null);
  }
}
