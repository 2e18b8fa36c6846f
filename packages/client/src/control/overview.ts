import { PeerageError } from '@peerage/contract';
import type { Client, Handlers } from './handler.ts';

export const overviewCommands: Handlers<'status' | 'trackers' | 'shares' | 'why' | 'stop'> = {
  async status(client) {
    return {
      user: client.session.account?.name ?? null,
      listen: client.listenAddress,
      trackers: (await trackersOf(client)).trackers,
      up_rate: client.traffic.total.up,
      down_rate: client.traffic.total.down,
      limits: { ...client.limits.inForce, slow: client.limits.kept.slow },
    };
  },

  async trackers(client) {
    return trackersOf(client);
  },

  async stop(client) {
    setImmediate(client.stop); // the answer goes first
    return {};
  },

  async shares({ session, sharing, fetching }) {
    session.required();
    return { shares: [...sharing.list(), ...fetching.served()] };
  },

  async why({ session, fetching }, { group, file }) {
    session.required();
    fetching.find(group, file);
    throw new PeerageError('not_yet', "'why' is not built yet: show_downloads says what a download waits for");
  },
};

/** Every tracker is tried; how far the others are behind is known to the one that serves. */
async function trackersOf({ link, session }: Client) {
  const states = await link.look();
  const known = session.account ? await link.call('trackers', {}).catch(ifRefused) : undefined;
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
