import { resolve } from 'node:path';
import { PeerageError } from '@peerage/contract';
import { copyVerified, resolveDestination } from '@peerage/storage';
import { asPeerageError } from '../store-errors.ts';
import { groupNamed } from './groups.ts';
import type { Handlers } from './handler.ts';

export const downloadFileCommands: Handlers<'download_file'> = {
  async download_file(client, { group: groupName, file: typed, destination, cwd }) {
    const file = typed.normalize('NFC');
    client.session.required();
    const { fetching, library, link, sharing } = client;
    const group = await groupNamed(client, groupName);
    const entry = await link.call('findFile', { params: { group: group.id }, query: { name: file } });
    const running = fetching.unfinished(entry.infoHash);
    if (running) {
      throw new PeerageError(
        'download_exists',
        `'${file}' is being downloaded to '${running.destination}' already: show_downloads shows it, cancel_download ends it`,
      );
    }
    const path = await resolveDestination(resolve(cwd, destination), entry.name).catch((error: unknown) => {
      throw asPeerageError(error, 'writing');
    });
    const other = await fetching.writesTo(path);
    if (other) {
      throw new PeerageError(
        'download_exists',
        `'${other.name}' is being downloaded to '${other.destination}': choose another name`,
      );
    }
    const wanted = {
      infoHash: entry.infoHash,
      gid: group.id,
      groupName: group.name,
      name: entry.name,
      destination: path,
      sizeBytes: entry.size,
    };
    if (sharing.isOffered(entry.infoHash)) {
      // This device has the content: a checked copy, not a download from itself.
      const row = library.shares.find(client.session.required().uid, entry.infoHash)!;
      await copyVerified(row.path, path, Buffer.from(entry.sha1, 'hex')).catch((error: unknown) => {
        throw asPeerageError(error, 'writing');
      });
      const copied = fetching.addCompleted({ ...wanted, state: 'completed', reason: null, sources: [] });
      return { id: copied.id, destination: path };
    }
    const info = await link.call('getMetainfo', { params: { group: group.id, infoHash: entry.infoHash } });
    const row = await fetching.add(wanted, info);
    void client.peerLists.refresh({ gid: row.gid, infoHash: row.infoHash });
    return { id: row.id, destination: path };
  },
};
