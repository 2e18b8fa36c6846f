import { randomBytes } from 'node:crypto';
import {
  createTrackerClient,
  PeerageError,
  type RouteAnswer,
  type RouteInput,
  type TrackerEvent,
  type TrackerRoutes,
  trackerRoutes,
} from '@peerage/contract';
import type { DeviceKey, Identity } from '../library/identities.ts';
import { followEvents } from './follow-events.ts';
import { LoginUnknown } from './going-on.ts';
import { HttpTransport } from './http-transport.ts';
import { isLoopback, PinnedTls, type TrackerAddress, type TrackerKeys } from './pinned-tls.ts';
import { Serving, type Tracker, type TrackerState } from './serving.ts';
import { deviceSession, passwordSession, type TrackerSession } from './sessions.ts';
import { UnderWay } from './under-way.ts';
import { Vouching } from './vouching.ts';

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

/** A random command id: the same one goes with every retry of one command. */
export const newCommandId = (): string => randomBytes(16).toString('hex');

/**
 * The way to the trackers. Always true: requests go to the one that serves, and to the next of the list when it does not answer (serving.ts); a session belongs to
 * one tracker and is made anew by the device key where it is missing; the event stream runs exactly while somebody is logged in.
 */
export class TrackerLink {
  readonly #trackers: readonly Tracker[];
  readonly #serving: Serving;
  readonly #vouching: Vouching;
  readonly #underWay = new UnderWay();
  readonly #listener: LinkListener;
  #identity: Identity | undefined;
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
    this.#serving = new Serving(this.#trackers, {
      onServing: (address) => listener.onServing(address),
      onLoginUnknown: () => this.#sessionEnded(),
    });
  }

  /** Tries all trackers, and says how they stand. */
  look(): Promise<TrackerState[]> {
    return this.#serving.look();
  }

  get trackers(): TrackerState[] {
    return this.#serving.states;
  }

  /** The tracker that serves, or null while none answers. */
  get servingAddress(): string | null {
    return this.#serving.address;
  }

  /** One call, at the first tracker that answers. The input is sent unchanged to each, so a command id makes a retry one effect. */
  call<K extends keyof TrackerRoutes>(
    name: K,
    input: RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return this.#underWay.until(this.#serving.atFirstThatAnswers((tracker) => this.#callAt(tracker, name, input)));
  }

  /** One call whose input says which login it is of: made anew for each session that it is sent with. */
  callWith<K extends keyof TrackerRoutes>(
    name: K,
    inputFor: (presenceSession: number) => RouteInput<TrackerRoutes[K]>,
  ): Promise<RouteAnswer<TrackerRoutes[K]>> {
    return this.#underWay.until(
      this.#serving.atFirstThatAnswers((tracker) =>
        this.#withSession(tracker, ({ token, presenceSession }) =>
          tracker.client.call(name, inputFor(presenceSession), { token }),
        ),
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
    return this.#serving.atFirstThatAnswers((tracker) =>
      passwordSession(tracker.transport, name, password, key, label),
    );
  }

  /** From now on `identity` is logged in: events flow, and where a tracker has no session of it the device key makes one. */
  start(identity: Identity, session: TrackerSession | null): void {
    this.stop();
    this.#identity = identity;
    if (session) {
      this.#loggedInAt = this.#serving.tracker;
      this.#loggedInAt.session = session;
    }
    this.#events = new AbortController();
    void followEvents(
      {
        find: async () => {
          await this.call('me', {}); // finds the tracker that serves and makes sure of a session there
          return this.#serving.tracker;
        },
        onEvent: (event) => this.#listener.onEvent(event),
        onOpen: (signal) => void this.#vouching.learn(signal),
        onSilence: () => this.#serving.lookAtOnly(),
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

  /** Who waits for an answer waits no longer. */
  giveUp(): void {
    this.#underWay.giveUp();
  }

  close(): void {
    this.stop();
    for (const tracker of this.#trackers) tracker.transport.close();
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
}
