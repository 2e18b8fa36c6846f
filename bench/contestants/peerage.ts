import { linkSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Team } from '../../test/support/team.ts';
import { startTeam } from '../../test/support/team.ts';
import { type Cost, costOf } from '../processes.ts';

type Member = Team['members'][number];

const pidOf = (member: Member): number => member.process.pid!;

/**
 * The product as people use it: clients and a tracker as processes, mutual TLS, SHA-1 of pieces and whole file, on disk. Members 0 … seeders − 1 share the file;
 * the leechers are new processes in every run.
 */
export class PeerageHouse {
  readonly team: Team;
  readonly #seeders: number;
  readonly #name: string;
  readonly #sizeBytes: number;

  private constructor(team: Team, seeders: number, path: string) {
    this.team = team;
    this.#seeders = seeders;
    this.#name = basename(path);
    this.#sizeBytes = statSync(path).size;
  }

  static async open(path: string, seeders: number, leechers: number): Promise<PeerageHouse> {
    const team = await startTeam(seeders + leechers);
    for (let place = 0; place < seeders; place++) {
      const copies = join(team.folder, `copy-${place}`);
      mkdirSync(copies);
      linkSync(path, join(copies, basename(path)));
      await team.members[place]!.do('upload_file', join(copies, basename(path)), 'team');
    }
    return new PeerageHouse(team, seeders, path);
  }

  /** Every leecher fetches the file, all at once; the clock starts with the command and ends when `untilDone` has seen each one's end. */
  async fetch(untilDone: (leecher: Member) => Promise<void> = waitFor): Promise<Cost> {
    const { team } = this;
    const places = team.members.map((_, place) => place).slice(this.#seeders);
    for (const place of places) {
      await team.members[place]!.stop();
      await team.restart(place);
    }
    const leechers = places.map((place) => team.members[place]!);
    const cost = await costOf(
      team.members.slice(0, this.#seeders).map(pidOf),
      { before: leechers.map(pidOf), after: () => leechers.map(pidOf) },
      this.#sizeBytes * leechers.length,
      async () => {
        await Promise.all(leechers.map((leecher, at) => this.#fetchOne(leecher, places[at]!, untilDone)));
      },
    );
    for (const [at, leecher] of leechers.entries()) {
      await this.#stopSharing(leecher);
      rmSync(join(team.folder, `files-${places[at]}`, this.#name));
    }
    return cost;
  }

  close(): Promise<void> {
    return this.team.stop();
  }

  /** A finished download becomes a share behind the answer to `wait`. */
  async #stopSharing(leecher: Member): Promise<void> {
    while ((await leecher.do('shares')).shares.length === 0);
    await leecher.do('stop_share', 'team', this.#name);
  }

  async #fetchOne(leecher: Member, place: number, untilDone: (leecher: Member) => Promise<void>): Promise<void> {
    await leecher.do('download_file', 'team', this.#name, join(this.team.folder, `files-${place}`));
    await untilDone(leecher);
  }
}

async function waitFor(leecher: Member): Promise<void> {
  const { completed, failed } = await leecher.do('wait');
  if (completed === 0 || failed > 0)
    throw new Error(`the download failed: ${JSON.stringify(await leecher.do('show_downloads'))}`);
}
