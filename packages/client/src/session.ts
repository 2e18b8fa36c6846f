import { hostname } from 'node:os';
import { foldName, PeerageError, type Share } from '@peerage/contract';
import { isInUse } from './library/download-rows.ts';
import { type Identity, newDeviceKey } from './library/identities.ts';
import type { ClientParts } from './parts.ts';
import type { TrackerSession } from './tracker-link/sessions.ts';
import { newCommandId } from './tracker-link/tracker-link.ts';

/**
 * Who is logged in on this client. Always true: with an account, everything that it shares and fetches on this device is in the engine and its device is announced;
 * without one, the engine refuses every connection and nothing is announced.
 */
export class Session {
  readonly #parts: ClientParts;
  #account: Identity | undefined;
  #leaving = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  get account(): Identity | undefined {
    return this.#account;
  }

  /** The account, or the refusal that every command without a login gets. */
  required(): Identity {
    if (!this.#account)
      throw new PeerageError('not_logged_in', 'you are not logged in: login <user_id> <passwd> first');
    return this.#account;
  }

  async logIn(name: string, password: string): Promise<{ user: string; shares: number; problems: Share[] }> {
    this.#refuseOther(name);
    const { library, link } = this.#parts;
    const known = library.identities.byName(name);
    let key = known?.key ?? newDeviceKey();
    const ask = () => link.logIn(name, password, key, hostname().slice(0, 64));
    let session = await ask();
    if (known && known.uid !== session.user.id) {
      key = newDeviceKey(); // the name is another account's now: this device is a new one to it
      session = await ask();
    }
    const identity = { uid: session.user.id, name: session.user.name, deviceId: session.deviceId, key };
    const started = await this.#parts.turns.takeAll(async () => {
      this.#refuseOther(name); // somebody may have logged in meanwhile
      library.identities.save(identity);
      library.identities.setLoggedIn(identity.uid);
      if (this.#account) await this.#stop();
      return this.#start(identity, session);
    });
    return { user: identity.name, shares: started.offered, problems: started.problems };
  }

  #refuseOther(name: string): void {
    const current = this.#account;
    if (current && foldName(current.name) !== foldName(name)) {
      throw new PeerageError('already_logged_in', `'${current.name}' is logged in here: logout first`);
    }
  }

  /** Those in which this device shares or fetches something. */
  groups(): ReadonlySet<string> {
    const uid = this.#account?.uid;
    if (uid === undefined) return new Set();
    const { shares, downloads } = this.#parts.library;
    const running = downloads.ofUser(uid).filter(isInUse);
    return new Set([...shares.ofUser(uid), ...running].map(({ gid }) => gid));
  }

  /** At the start of the client: who was logged in when it ended is so again, by the device key. */
  async restore(): Promise<void> {
    const identity = this.#parts.library.identities.loggedIn();
    if (!identity) return;
    const start = () => this.#start(identity, null);
    await this.#parts.turns.takeAll(start).catch((error: unknown) => {
      // That the trackers ended the session meanwhile was told as such.
      if (!(error instanceof PeerageError && error.code === 'not_logged_in')) throw error;
    });
  }

  /** Nothing is shared or fetched from now on, also where no tracker could be told. */
  async logOut(): Promise<{ settled: boolean }> {
    const account = this.required();
    this.#leaving = true; // the tracker's own word that the session ended is no news then
    this.#parts.library.identities.setLoggedIn(null);
    this.#parts.presence.stop();
    let settled = false;
    try {
      const answer = await this.#parts.link.call('logout', { body: { commandId: newCommandId() } });
      settled = answer.settled;
      await this.#parts.revocations.brought(answer.revoked);
    } catch (error) {
      // The tracker knows of no session, or none answers: this side ends all the same, and says that it is not settled.
      if (!(error instanceof PeerageError)) throw error;
    }
    await this.#end(account, { forGood: true });
    this.#leaving = false;
    return { settled };
  }

  /** The trackers ended the session (password changed, device revoked, logged out elsewhere). */
  async endedByTracker(reason: string): Promise<void> {
    const account = this.#account;
    if (!account || this.#leaving) return;
    this.#parts.library.identities.setLoggedIn(null);
    await this.#end(account, { forGood: true });
    this.#parts.tell({ type: 'notice', message: `you were logged out, ${reason}: login <user_id> <passwd> to go on` });
  }

  /** Stops everything on this side; a client that only ends keeps the account for its next start. */
  async end(): Promise<void> {
    if (this.#account) await this.#end(this.#account, { forGood: false });
  }

  async #end(account: Identity, { forGood }: { forGood: boolean }): Promise<void> {
    await this.#parts.turns.takeAll(async () => {
      if (this.#account !== account) return; // ended, or logged in anew, meanwhile
      if (forGood) this.#parts.library.identities.setLoggedIn(null);
      await this.#stop();
      this.#parts.tell({ type: 'user_changed', user: null });
    });
  }

  async #start(identity: Identity, session: TrackerSession | null): Promise<{ offered: number; problems: Share[] }> {
    const { link, engine, sharing, fetching, peerLists, presence, certificates } = this.#parts;
    this.#account = identity;
    link.start(identity, session);
    try {
      await engine.request({ type: 'identify', self: { device: identity.deviceId, user: identity.name } });
      if (session) presence.start(session.presenceSession);
      await certificates.start(identity);
      await fetching.settle(identity);
      const started = await sharing.start(identity);
      presence.open();
      await fetching.start(identity);
      peerLists.start(() => fetching.known.running());
      presence.changed();
      this.#parts.tell({ type: 'user_changed', user: identity.name });
      return started;
    } catch (error) {
      await this.#stop(); // half a login would look like one
      throw error;
    }
  }

  async #stop(): Promise<void> {
    const { link, engine, sharing, fetching, peerLists, presence, certificates } = this.#parts;
    this.#account = undefined;
    presence.stop();
    certificates.stop();
    link.stop();
    peerLists.stop();
    await engine.request({ type: 'identify', self: null });
    await fetching.stop();
    await sharing.stop();
  }
}
