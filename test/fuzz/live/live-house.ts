import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInfoHash } from '@peerage/bittorrent';
import { CertifiedDevice } from '../../support/certified-device.ts';
import { startTeam } from '../../support/team.ts';
import { peerPort } from './peer-port.ts';
import type { LivePort } from './port.ts';
import { trackerPort } from './tracker-port.ts';

export interface LiveHouse {
  readonly ports: readonly LivePort[];
  close(): Promise<void>;
}

/** A tracker and a client that serves a file, each a process of its own on loopback, and their ports. */
export async function openLiveHouse(): Promise<LiveHouse> {
  const team = await startTeam(1);
  try {
    const [client] = team.members;
    const content = randomFillSync(Buffer.alloc(700_000));
    const path = join(team.folder, 'served.bin');
    writeFileSync(path, content);
    await client!.do('upload_file', path, 'team');
    const [file] = (await client!.do('list_files', 'team')).files;
    const device = (await client!.do('whoami')).device!;
    const members: CertifiedDevice[] = [];
    let group = '';
    for (const name of ['crooked', 'honest']) {
      const member = await CertifiedDevice.open(team.tracker.port, name, 'secret');
      members.push(member);
      group = (await member.device.call('findGroup', { params: { name: 'team' } })).id;
      await member.device.join(group);
      await client!.do('accept_request', 'team', name);
      await member.certify(group);
    }
    const [crooked, honest] = members as [CertifiedDevice, CertifiedDevice];
    const served = { infoHash: parseInfoHash(file!.info_hash)!, content, group, device };
    const tracker = await trackerPort(team.tracker, join(team.folder, 'tracker'));
    return {
      ports: [peerPort(client!, served, { crooked, honest }), tracker],
      async close() {
        tracker.close();
        for (const member of members) member.close();
        await team.stop();
      },
    };
  } catch (error) {
    await team.stop();
    throw error;
  }
}
