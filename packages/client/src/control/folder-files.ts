import type { InfoHash } from '@peerage/bittorrent';
import { readShare, type ShareInfo } from '../metainfo/read-share.ts';
import { groupNamed } from './groups.ts';
import type { Client, Handlers } from './handler.ts';
import { browseLimits } from './page-limits.ts';

export const folderFilesCommands: Handlers<'folder_files'> = {
  async folder_files(client, { group, file }) {
    client.session.required();
    const name = file.normalize('NFC');
    const download = client.fetching.known.latest(group, name);
    const known = download ?? client.sharing.known.named(group, name);
    const bytes = known && client.library.metainfo.get(known.infoHash);
    const share = bytes
      ? await readShare(known.infoHash as InfoHash, bytes, download?.folder?.only ?? null)
      : await listedShare(client, group, name);
    if (share.kind === 'file') {
      const size = share.geometry.sizeBytes;
      return { files: [{ path: share.name, size, wanted: download ? true : null }], more: 0 };
    }
    const { files, chosen } = share;
    const told = Math.min(files.count, browseLimits.folderFiles);
    return {
      files: Array.from({ length: told }, (_, at) => ({
        path: files.path(at),
        size: files.sizeOf(at),
        wanted: download ? chosen[at] === 1 : null,
      })),
      more: files.count - told,
    };
  },
};

/** What the catalogue lists, of which nothing is here. */
async function listedShare(client: Client, groupName: string, name: string): Promise<ShareInfo> {
  const { id } = await groupNamed(client, groupName);
  const entry = await client.link.call('findFile', { params: { group: id }, query: { name } });
  const bytes = await client.link.call('getMetainfo', { params: { group: id, infoHash: entry.infoHash } });
  return readShare(entry.infoHash as InfoHash, bytes, null);
}
