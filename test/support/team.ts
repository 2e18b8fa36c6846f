import { createHash, randomFillSync } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Download } from '@peerage/contract';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { freePort } from '../../scripts/drive/free-port.ts';
import { TrackerProcess } from '../../scripts/drive/tracker-process.ts';

const MIB = 1024 * 1024;

/** A tracker and the members of one group, `team`, each a process of its own, logged in; the first one owns it. */
export interface Team {
  readonly folder: string;
  readonly trackerInfo: string;
  readonly tracker: TrackerProcess;
  readonly members: readonly ClientProcess[];
  /** The home of a member, by his place. */
  home(place: number): string;
  /** Starts a member whose process ended again, on his home, where he logs in by himself: on another port, or on `listen`. */
  restart(place: number, listen?: string): Promise<ClientProcess>;
  stop(): Promise<void>;
}

export async function startTeam(size: number): Promise<Team> {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-team-'));
  const trackerInfo = join(folder, 'tracker_info.txt');
  writeFileSync(trackerInfo, `127.0.0.1:${await freePort()}\n`);
  const home = (place: number) => join(folder, `home-${place}`);
  const tracker = await TrackerProcess.start(trackerInfo, 1, join(folder, 'tracker'));
  const members: ClientProcess[] = [];
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()));
    await tracker.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    for (let place = 0; place < size; place++) {
      const member = await ClientProcess.start(trackerInfo, home(place));
      members.push(member);
      mkdirSync(join(folder, `files-${place}`));
      await member.do('create_user', `user${place}`, 'secret');
      await member.do('login', `user${place}`, 'secret');
      if (place === 0) await member.do('create_group', 'team');
      else {
        await member.do('join_group', 'team');
        await members[0]!.do('accept_request', 'team', `user${place}`);
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    trackerInfo,
    tracker,
    members,
    home,
    stop,
    async restart(place, listen) {
      const member = await ClientProcess.start(trackerInfo, home(place), listen === undefined ? {} : { listen });
      members[place] = member;
      return member;
    },
  };
}

/** Bytes that no two pieces share. */
export function writeRandomFile(path: string, mib: number): void {
  const file = openSync(path, 'w');
  const block = Buffer.allocUnsafe(MIB);
  for (let written = 0; written < mib; written++) writeSync(file, randomFillSync(block));
  closeSync(file);
}

export async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path, { highWaterMark: MIB }), hash);
  return hash.digest('hex');
}

const ASK_AGAIN_MS = 10;

/** Asks for the client's only download until it is as wanted; the test's own time limit ends it. */
export async function downloadUntil(client: ClientProcess, wanted: (download: Download) => boolean): Promise<Download> {
  for (;;) {
    const [download] = (await client.do('show_downloads')).downloads;
    if (download && wanted(download)) return download;
    if (download?.state === 'E') throw new Error(`the download failed: ${download.reason?.message}`);
    await pause(ASK_AGAIN_MS);
  }
}
