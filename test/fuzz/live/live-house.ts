import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInfoHash } from '@peerage/bittorrent';
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
    const tracker = await trackerPort(team.tracker, join(team.folder, 'tracker'));
    return {
      ports: [peerPort(client!, { infoHash: parseInfoHash(file!.info_hash)!, content }), tracker],
      async close() {
        tracker.close();
        await team.stop();
      },
    };
  } catch (error) {
    await team.stop();
    throw error;
  }
}
