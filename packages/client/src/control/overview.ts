import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { fileFailure } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';
import type { TransferFacts } from '../why/facts.ts';
import { reasonsFor } from '../why/reasons.ts';
import type { Client, Handlers } from './handler.ts';

export const overviewCommands: Handlers<'status' | 'trackers' | 'shares' | 'why' | 'stop' | 'disk'> = {
  async status(client) {
    return {
      user: client.session.account?.name ?? null,
      listen: client.listenAddress,
      trackers: (await trackersOf(client)).trackers,
      up_rate: client.traffic.total.up,
      down_rate: client.traffic.total.down,
      peers: client.traffic.total.peers,
      reached: client.reachability.reached,
      limits: { ...client.limits.inForce, slow: client.limits.kept.slow },
    };
  },

  async trackers(client) {
    return trackersOf(client);
  },

  async disk({ session, fetching, home }) {
    session.required();
    const latest = fetching.known.all().at(-1);
    const folder = latest ? dirname(latest.destination) : home;
    const disk = await statfs(folder).catch((error: unknown) => {
      throw asPeerageError(fileFailure(error, folder), 'reading');
    });
    return { folder, free_bytes: disk.bavail * disk.bsize };
  },

  async stop(client) {
    setImmediate(client.stop); // the answer goes first
    return {};
  },

  async shares({ session, sharing, fetching }) {
    session.required();
    return { shares: [...sharing.known.list(), ...fetching.known.served()] };
  },

  async why({ session, fetching, engine, link }, { group, file }) {
    session.required();
    const row = fetching.known.find(group, file);
    const { state, reason } = fetching.known.list().find(({ id }) => id === row.id)!;
    const known = fetching.known.isInEngine(row)
      ? ((await engine.request({ type: 'facts', share: row.infoHash })) as TransferFacts | null)
      : null;
    const facts = { ...(known ?? nothingKnown), state, hasTracker: link.servingAddress !== null };
    return { state, reasons: reasonsFor({ ...facts, reason: facts.reason ?? reason }) };
  },
};

/** Every tracker is tried; how far the others are behind is known to the one that serves. */
async function trackersOf({ link, session }: Client) {
  const states = await link.look();
  // Where none takes a connection there is nobody to ask, and no use in waiting for it.
  const isAsked = session.account !== undefined && states.some(({ reachable }) => reachable);
  const known = isAsked ? await link.call('trackers', {}).catch(ifRefused) : undefined;
  const trackers = states.map((state, index) => {
    const lag = known?.peers.find(({ number }) => number === index + 1)?.lagMs;
    return { ...state, lag_ms: lag ?? (known?.number === index + 1 ? 0 : null) };
  });
  return { trackers, conflicts: known?.conflicts ?? [] };
}

/** No tracker answers, or not this device: then nothing is known, which the lines say. */
function ifRefused(error: unknown): undefined {
  if (!(error instanceof PeerageError)) throw error;
}

/** Of a download that the engine does not have. */
const nothingKnown: TransferFacts = {
  phase: 'failed',
  reason: null,
  lackedPieces: 0,
  unavailable: { count: 0, first: [] },
  unstoredPieces: 0,
  bytesPerSecond: 0,
  limitBytesPerSecond: null,
  hasMembership: true,
  peers: [],
};
