import type { ControlResult } from '@peerage/contract';
import type { Client, Handlers } from './handler.ts';

export const limitCommands: Handlers<'limit'> = {
  async limit(client, { change, group, file }) {
    const { limits, session, fetching } = client;
    if (group !== undefined && file !== undefined) {
      session.required();
      const { infoHash } = fetching.find(group, file);
      if (change?.what === 'up' || change?.what === 'down') {
        await limits.setDownload(infoHash, { [change.what]: change.rate });
      }
    } else if (change !== undefined) {
      await limits.setClient(change.what === 'slow' ? { slow: change.on } : { [change.what]: change.rate });
    }
    return shown(client);
  },
};

/** All limits, those of downloads that are known to who is logged in. */
function shown({ limits, fetching, session }: Client): ControlResult<'limit'> {
  const { up, down, slow, downloads } = limits.kept;
  const listed = session.account ? fetching.all() : [];
  return {
    up,
    down,
    slow,
    in_force: limits.inForce,
    downloads: listed.flatMap(({ infoHash, groupName, name }) => {
      const own = downloads[infoHash];
      return own === undefined ? [] : [{ group: groupName, file: name, ...own }];
    }),
  };
}
