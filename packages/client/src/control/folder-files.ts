import type { InfoHash } from '@peerage/bittorrent';
import { readShare } from '../metainfo/read-share.ts';
import { groupNamed } from './groups.ts';
import type { Handlers } from './handler.ts';
import { browseLimits } from './page-limits.ts';

export const folderFilesCommands: Handlers<'folder_files'> = {
  async folder_files(client, { group: groupName, file }) {
    client.session.required();
    const group = await groupNamed(client, groupName);
    const entry = await client.link.call('findFile', {
      params: { group: group.id },
      query: { name: file.normalize('NFC') },
    });
    const bytes = await client.link.call('getMetainfo', { params: { group: group.id, infoHash: entry.infoHash } });
    const share = await readShare(entry.infoHash as InfoHash, bytes, null);
    if (share.kind === 'file') return { files: [{ path: entry.name, size: entry.size }], more: 0 };
    const told = Math.min(share.files.count, browseLimits.folderFiles);
    const files = Array.from({ length: told }, (_, at) => ({
      path: share.files.path(at),
      size: share.files.sizeOf(at),
    }));
    return { files, more: share.files.count - told };
  },
};
