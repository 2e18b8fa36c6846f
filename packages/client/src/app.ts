import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlApi, PeerageError } from '@peerage/contract';
import { sha1IsCompiled } from '@peerage/storage';
import { Activity } from './control/activity/activity.ts';
import { Control } from './control/control.ts';
import { EventFan } from './control/event-fan.ts';
import type { Client } from './control/handler.ts';
import { serveControl } from './control/http/serve-control.ts';
import { followOpenInvitation } from './control/invitations.ts';
import { Page } from './control/page/page.ts';
import { ShareMoves } from './control/share-moves.ts';
import { Traffic } from './control/traffic.ts';
import { VerifyProgress } from './control/verify-progress.ts';
import type { EngineEvent } from './engine/engine-protocol.ts';
import { type EngineThread, startEngine } from './engine/engine-thread.ts';
import { engineEvents } from './engine-events.ts';
import { type Home, openHome } from './home/home.ts';
import { openLog } from './home/log.ts';
import { rememberedTrackers, rememberTrackers } from './home/tracker-file.ts';
import { Certificates } from './library/certificates.ts';
import { Fetching } from './library/fetching.ts';
import { Library } from './library/library.ts';
import { ClientLimits } from './library/limits.ts';
import { LostNames } from './library/lost-names.ts';
import { PeerLists } from './library/peer-lists.ts';
import { Revocations } from './library/revocations.ts';
import type { ShareRow } from './library/share-rows.ts';
import { Sharing } from './library/sharing.ts';
import { TransferTurns } from './library/transfer-turns.ts';
import { Session } from './session.ts';
import { trackerEvents } from './tracker-events.ts';
import type { TrackerAddress } from './tracker-link/pinned-tls.ts';
import { ownAddresses, Presence } from './tracker-link/presence.ts';
import { TrackerLink } from './tracker-link/tracker-link.ts';
import { TrackerWatch } from './tracker-link/tracker-watch.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ClientOptions {
  /** In the order of the tracker file; null: those that the home was last started with. */
  readonly trackers: readonly TrackerAddress[] | null;
  /** null: the port of the last run, else a free one, on all interfaces. */
  readonly listen: Address | null;
  /** null: the default folder of that address. */
  readonly home: string | null;
  /** The address that other members are told first. */
  readonly advertise: Address | null;
  /** Whether the page is served (`--no-web`: not). */
  readonly web?: boolean;
  /** Folders of this machine that the page may see; left out: the user's own. */
  readonly pageRoots?: readonly string[];
}

export interface ClientProgram {
  readonly control: ControlApi;
  readonly listenAddress: string;
  readonly home: string;
  /** A fresh address of the page; null where none is served. */
  pageAddress(): string | null;
  /** Somebody told the client to end. */
  readonly stopped: AbortSignal;
  close(): Promise<void>;
}

const everywhere = '0.0.0.0';
const END_PATIENCE_MS = 1_000;
const shown = ({ host, port }: Address) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** Starts a client on its home: who was logged in when it ended is logged in again, and shares and downloads go on. */
export async function createClient(options: ClientOptions): Promise<ClientProgram> {
  const home = openHome(options.home, options.listen);
  try {
    return await startOn(home, options);
  } catch (error) {
    home.lock.release();
    throw error;
  }
}

async function startOn(home: Home, options: ClientOptions): Promise<ClientProgram> {
  const trackers = options.trackers ?? rememberedTrackers(home.path);
  const log = openLog(home.path);
  log.info({ sha1: sha1IsCompiled ? 'compiled' : "Node's own" }, 'the client starts');
  mkdirSync(join(home.path, 'journals'), { recursive: true, mode: 0o700 });
  const library = new Library(home.path);
  const events = new EventFan();
  let onEngineEvent: (event: EngineEvent) => void = () => undefined;
  const engine = startEngine({
    onEvent: (event) => onEngineEvent(event),
    onDefect: (error, ended) => {
      log.error({ err: error }, 'a defect of the engine');
      if (ended) events.tell({ type: 'notice', message: 'the engine broke down: leave, and start the client again' });
    },
  });
  let listening: Address;
  try {
    listening = await listen(engine, options.listen, library);
  } catch (error) {
    await engine.close();
    library.close();
    throw error;
  }
  library.rememberPort(listening.port);
  if (options.trackers) rememberTrackers(home.path, trackers);

  const tell = (event: Parameters<typeof events.tell>[0]) => events.tell(event);
  const warn = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const link = new TrackerLink(trackers, library.trackerKeys, {
    onFirstContact: (address, pin) =>
      tell({
        type: 'notice',
        message: `first contact with the tracker ${address}: its key is sha256:${pin}; whoever runs it can tell you whether that is right`,
      }),
    onEvent: (event) => void onTrackerEvent(event).catch(warn(`event ${event.type}`)),
    onServing: (address) => {
      if (address) revocations.run();
      tell({
        type: 'tracker_changed',
        address,
        message: address ? `tracker ${address} serves` : 'no tracker answers: downloads go on with the peers they know',
      });
    },
    onSession: (session) => presence.start(session.presenceSession),
    onSessionEnded: (reason) => void session.endedByTracker(reason).catch(warn('end of the session')),
  });
  const trackerWatch = new TrackerWatch(
    trackers,
    {
      serving: () => link.servingAddress,
      isReachable: (address) => link.trackers.some((tracker) => tracker.address === address && tracker.reachable),
    },
    (address, answers) =>
      tell({
        type: 'tracker_changed',
        address: link.servingAddress,
        message: answers ? `tracker ${address} answers again` : `tracker ${address} does not answer`,
      }),
  );
  const trackerHosts = trackers.map(({ host }) => host);
  const presence = new Presence(
    link,
    () => ({
      addresses: ownAddresses(listening, options.advertise, trackerHosts),
      downloading: fetching.known.inUse().map(({ gid, infoHash }) => ({ group: gid, infoHash })),
      withheld: sharing.known.withheld(),
    }),
    warn('heartbeat'),
  );
  const presenceChanged = () => {
    presence.changed();
    certificates.changed();
  };
  const peerLists = new PeerLists(link, engine, warn('peers of a share'));
  const sharing = new Sharing({
    library,
    engine,
    link,
    nowMs: Date.now,
    tell,
    moved: (share) => shareMoves.add(share),
    presenceChanged,
    onFailure: warn('what is shared'),
  });
  const shareMoves = new ShareMoves((share) => {
    const now = sharing.known.view(share);
    return now && { group: now.group, file: now.file, uploaded: now.uploaded, up_rate: now.up_rate, peers: now.peers };
  }, tell);
  const fetching = new Fetching({
    library,
    engine,
    home: home.path,
    nowMs: Date.now,
    tell,
    presenceChanged,
    completed: (share) => void shareOn(share).catch(warn('sharing a finished download')),
  });
  const lostNames = new LostNames(link, tell);
  const revocations: Revocations = new Revocations({
    rows: library.revocations,
    engine,
    link,
    onFailure: warn('revocations'),
  });
  const certificates = new Certificates({
    link,
    engine,
    revocations,
    tell,
    groups: (): ReadonlySet<string> => session.groups(),
    onFailure: warn('certificates'),
  });
  const limits = new ClientLimits(library, engine);
  await limits.apply();
  const traffic = new Traffic(
    () => performance.now(),
    ({ down, up, peers }) => tell({ type: 'rates_changed', down_rate: down, up_rate: up, peers }),
  );
  const activity = new Activity(Date.now, (group) => tell({ type: 'activity_changed', group }));
  events.watch((event) => activity.onEvent(event));
  const verifyProgress = new VerifyProgress();
  const reachability = { reached: false };
  const parts = {
    library,
    engine,
    link,
    presence,
    certificates,
    revocations,
    peerLists,
    sharing,
    fetching,
    limits,
    turns: new TransferTurns(),
    traffic,
    activity,
    verifyProgress,
    reachability,
    tell,
  };
  const session = new Session(parts);

  /** A finished download is a share of this device from now on; the engine serves it already. */
  async function shareOn(share: ShareRow): Promise<void> {
    const info = library.metainfo.get(share.infoHash);
    if (!info) throw new Error(`the metainfo of '${share.name}' is missing in the library`);
    await sharing.addFinished(share, info);
  }

  onEngineEvent = engineEvents(parts, log);

  const onTrackerEvent = trackerEvents({ ...parts, session, lostNames });

  await revocations.start();
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const knownTrackers = () =>
    trackers.map(({ address, pin }) => ({ address, pin: pin ?? library.trackerKeys.find(address) ?? null }));
  const instance = randomBytes(4).toString('hex');
  const page = new Page({ served: options.web ?? true, roots: options.pageRoots ?? null, home: home.path, instance });
  const client: Client = {
    ...parts,
    session,
    listenAddress: shown(listening),
    home: home.path,
    knownTrackers,
    page,
    stop,
  };
  const control = new Control(client, events, (error, command) => log.error({ err: error, command }, 'command failed'));
  await session.restore().catch((error: PeerageError) => tell({ type: 'notice', message: error.message }));
  if (session.account) await followOpenInvitation(client);
  const served = await serveControl({
    control,
    events,
    home: home.path,
    listen: shown(listening),
    log,
    page,
    instance,
    onFollowed: (isFollowed) => trackerWatch.watch(isFollowed),
  });
  return {
    control,
    listenAddress: shown(listening),
    home: home.path,
    pageAddress: () => (page.isServed ? page.newAddress() : null),
    stopped: stopping.signal,
    async close() {
      await served.close();
      trackerWatch.watch(false);
      // A command under way may wait for a tracker that is silent: who ends the client waits no longer than that.
      const patience = setTimeout(() => link.giveUp(), END_PATIENCE_MS);
      await session.end();
      clearTimeout(patience);
      traffic.close();
      shareMoves.close();
      link.close();
      await revocations.close();
      await engine.close();
      library.close();
      log.flush();
      home.lock.release();
    },
  };
}

/** The address asked for, else the remembered port, else (it is taken now, or there is none) any free one. */
async function listen(engine: EngineThread, wanted: Address | null, library: Library): Promise<Address> {
  const ask = async (address: Address) => (await engine.request({ type: 'listen', ...address })) as Address;
  if (wanted) return ask(wanted);
  const remembered = library.rememberedPort;
  if (remembered !== undefined) {
    try {
      return await ask({ host: everywhere, port: remembered });
    } catch (error) {
      if ((error as PeerageError).code !== 'address_in_use') throw error;
    }
  }
  return ask({ host: everywhere, port: 0 });
}
