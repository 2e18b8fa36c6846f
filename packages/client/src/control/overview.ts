import { PeerageError } from '@peerage/contract';
import type { Client, Handlers } from './handler.ts';

export const overviewCommands: Handlers<'status' | 'trackers' | 'shares' | 'why' | 'stop'> = {
  async status(client) {
    return {
      user: client.session.account?.name ?? null,
      listen: client.listenAddress,
      trackers: trackerLines(client),
      up_rate: client.rates.upBytesPerSecond,
      down_rate: client.rates.downBytesPerSecond,
    };
  },

  async trackers(client) {
    return { trackers: trackerLines(client) };
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

/** Lag is known once trackers replicate. */
const trackerLines = ({ link }: Client) => link.trackers.map((tracker) => ({ ...tracker, lag_ms: null }));
