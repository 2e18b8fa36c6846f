import { type ControlResult, PeerageError } from '@peerage/contract';
import type { Client, Handlers } from './handler.ts';

export const limitCommands: Handlers<'limit'> = {
  async limit(client, { change, group, file }) {
    const { limits, session, tell } = client;
    if (group !== undefined && file !== undefined) {
      session.required();
      const infoHash = transferNamed(client, group, file);
      if (change?.what === 'up' || change?.what === 'down') {
        await limits.setTransfer(infoHash, { [change.what]: change.rate });
      }
    } else if (change !== undefined) {
      await limits.setClient(change.what === 'slow' ? { slow: change.on } : { [change.what]: change.rate });
    }
    if (change !== undefined) tell({ type: 'limits_changed' });
    return shown(client);
  },
};

/** The content that is fetched or shared here under that name. */
function transferNamed({ fetching, sharing }: Client, group: string, file: string): string {
  const infoHash = fetching.known.latest(group, file)?.infoHash ?? sharing.known.named(group, file)?.infoHash;
  if (infoHash !== undefined) return infoHash;
  throw new PeerageError(
    'no_such_download',
    `nothing named '${file}' of '${group}' is fetched or shared here: show_downloads and shares list what is`,
  );
}

/** All limits, those of transfers that are known to who is logged in. */
function shown({ limits, fetching, sharing, session }: Client): ControlResult<'limit'> {
  const { up, down, slow, downloads } = limits.kept;
  const listed = session.account ? [...fetching.known.all(), ...sharing.known.rows()] : [];
  const byContent = new Map(listed.map((row) => [row.infoHash, row]));
  return {
    up,
    down,
    slow,
    in_force: limits.inForce,
    downloads: [...byContent.values()].flatMap(({ infoHash, groupName, name }) => {
      const own = downloads[infoHash];
      return own === undefined ? [] : [{ group: groupName, file: name, ...own }];
    }),
  };
}
