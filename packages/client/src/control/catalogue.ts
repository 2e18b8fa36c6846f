import { PeerageError } from '@peerage/contract';
import type { DownloadRow } from '../library/download-rows.ts';
import type { ShareRow } from '../library/share-rows.ts';
import { newCommandId } from '../tracker-link/tracker-link.ts';
import { groupNamed } from './groups.ts';
import type { Client, Handlers } from './handler.ts';

export const catalogueCommands: Handlers<'list_files' | 'remove_file' | 'stop_share'> = {
  async list_files(client, { group }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const { files } = await client.link.call('listFiles', { params: { group: id } });
    return {
      files: files.map((file) => ({
        name: file.name,
        kind: file.folderFiles === undefined ? 'file' : 'folder',
        files: file.folderFiles ?? null,
        size: file.size,
        pieces: file.pieces,
        sha1: file.sha1,
        info_hash: file.infoHash,
        by: file.by,
        seeders: file.seeders,
        shared_by_you: file.sharedByYou,
      })),
    };
  },

  async remove_file(client, { group, file }) {
    client.session.required();
    const { id } = await groupNamed(client, group);
    const { settled } = await client.link.call('removeFile', {
      params: { group: id },
      body: { commandId: newCommandId(), name: file },
    });
    await client.sharing.reconcile();
    return { settled };
  },

  async stop_share(client, { group, file }) {
    client.session.required();
    const { id, name } = await groupNamed(client, group);
    const offered = () => client.sharing.known.find(id, file) ?? servedPart(client, name, file);
    const infoHash = offered()?.infoHash;
    if (infoHash !== undefined) {
      client.turns.interrupt(infoHash);
      const stopped = await client.turns.take(infoHash, () => stopShare(client, infoHash, offered()));
      if (stopped) return stopped;
    }
    // The refusal that fits: not a member, or no such file; else it is listed, but not from here.
    await client.link.call('findFile', { params: { group: id }, query: { name: file } });
    throw new PeerageError(
      'no_such_file',
      `this device does not share '${file}' in '${name}': 'shares' lists what it does`,
    );
  },
};

/** Some files of a folder: no tracker counts this device as a sharer. */
function servedPart({ fetching }: Client, group: string, file: string): DownloadRow | undefined {
  const part = fetching.known.latest(group, file);
  return part?.folder?.isServed && fetching.known.isInEngine(part) ? part : undefined;
}

/** Undefined where it is offered no more when its turn comes. */
async function stopShare(
  { session, sharing, fetching }: Client,
  infoHash: string,
  offered: ShareRow | DownloadRow | undefined,
): Promise<{ settled: boolean } | undefined> {
  session.required();
  if (offered?.infoHash !== infoHash) return undefined;
  if ('path' in offered) return sharing.remove(offered);
  await fetching.withdraw(offered);
  return { settled: true };
}
