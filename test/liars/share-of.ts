import { createHash, hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeInfo, type FileInfo, Geometry, infoHashOf, parseGroupId } from '@peerage/bittorrent';
import { CertifiedDevice } from '../support/certified-device.ts';
import type { Team } from '../support/team.ts';
import { WireSeeder } from './seeder-wire.ts';

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
  const member = await CertifiedDevice.open(team.tracker.port, user, 'secret');
  const { device } = member;
  const { id: group } = await device.call('findGroup', { params: { name: 'team' } });
  await device.join(group);
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
  await device.share(group, body);
  if (!online) {
    member.close();
    return async () => undefined;
  }
  await member.certify(group);
  const { transport } = member;
  const self = { device: device.deviceId, user };
  const seeder = await WireSeeder.start({
    served: { infoHash, info, path },
    self,
    manners: { kind: 'honest' },
    transport,
  });
  await device.beat(seeder.port);
  return async () => {
    member.close();
    await seeder.close();
  };
}
