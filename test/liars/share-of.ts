import { createHash, hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeInfo, type FileInfo, Geometry, infoHashOf, parseGroupId } from '@peerage/bittorrent';
import type { Team } from '../support/team.ts';
import { WireSeeder } from './seeder-wire.ts';
import { newCommand, TrackerAccount } from './tracker-account.ts';

/**
 * A new member, `user`, shares a file of one piece. `damaged`: the piece is what its metainfo says, the whole file is not; offline: it is listed, and nobody has it.
 * Resolves to what ends the member.
 */
export async function shareOf(
  team: Team,
  user: string,
  name: string,
  { damaged, online }: { readonly damaged: boolean; readonly online: boolean },
): Promise<() => Promise<void>> {
  const account = await TrackerAccount.open(team.tracker.port, user, 'secret');
  const { id: group } = await account.call('findGroup', { params: { name: 'team' } });
  await account.call('joinGroup', { params: { group }, body: newCommand() });
  await team.members[0]!.do('accept_request', 'team', user);

  const content = Buffer.from(`what ${name} is`);
  const path = join(team.folder, name);
  writeFileSync(path, content);
  const info: FileInfo = {
    kind: 'file',
    name,
    group: parseGroupId(group)!,
    geometry: new Geometry(content.length),
    pieceHashes: hash('sha1', content, 'buffer'),
    sha1: hash('sha1', damaged ? 'something else' : content, 'buffer'),
  };
  const body = encodeInfo(info);
  const infoHash = infoHashOf(body, (bytes) => createHash('sha1').update(bytes).digest());
  await account.call('putMetainfo', { params: { group, infoHash }, body });
  await account.call('share', { params: { group }, body: { ...newCommand(), infoHash } });
  if (!online) return async () => undefined;
  const self = { device: account.device, user };
  const seeder = await WireSeeder.start({ served: { infoHash, info, path }, self, manners: { kind: 'honest' } });
  await account.beat(seeder.port);
  return () => seeder.close();
}
