import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlApi } from '@peerage/contract';
import { type ClientProgram, createClient } from '../../packages/client/src/app.ts';
import { createTracker } from '../../packages/tracker/src/app.ts';
import { writeTree } from '../folders/tree.ts';

export const contents = ['film.bin', 'tree'] as const;
export type Content = (typeof contents)[number];

const MIB = 1024 * 1024;
const files = {
  'film.bin': 3 * MIB + 17,
  'tree/a.bin': MIB,
  'tree/b.bin': 700_000,
  'tree/c.txt': 5,
  'tree/deep/d.bin': MIB,
};

/** A tracker, an owner who shares a file and a folder, and a member whose commands overlap: all in this process, so that commands come from as many sides at once as a test likes. */
export class OverlapWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerage-overlap-'));
  readonly #clients: ClientProgram[] = [];
  #tracker: Awaited<ReturnType<typeof createTracker>> | undefined;

  static async start(): Promise<OverlapWorld> {
    const world = new OverlapWorld();
    world.#tracker = await createTracker({ dataDir: world.path('tracker'), host: '127.0.0.1', port: 0 });
    for (const name of ['owner', 'member']) await world.#join(name);
    await world.owner.call('create_group', { group: 'team' });
    await world.member.call('join_group', { group: 'team' });
    await world.owner.call('accept_request', { group: 'team', user: 'member' });
    for (const side of ['shared', 'own']) {
      writeTree(world.path(side), files);
    }
    for (const file of contents) {
      await world.owner.call('upload_file', { path: world.path('shared', file), group: 'team', cwd: world.folder });
    }
    return world;
  }

  get owner(): ControlApi {
    return this.#clients[0]!.control;
  }

  get member(): ControlApi {
    return this.#clients[1]!.control;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  logIn = () => this.member.call('login', { user: 'member', password: 'secret' });

  /** A folder that nothing is in. */
  freshFolder(name: string): string {
    mkdirSync(this.path(name));
    return this.path(name);
  }

  /** What the member's client wrote of defects. */
  defects(): string[] {
    return readFileSync(this.path('member', 'log', 'client.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"level":50') || line.includes('defect'));
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#tracker?.close();
    rmSync(this.folder, { recursive: true });
  }

  async #join(name: string): Promise<void> {
    const { port } = this.#tracker!.address;
    const trackers = [{ host: '127.0.0.1', port, address: `127.0.0.1:${port}`, pin: null }];
    const listen = { host: '127.0.0.1', port: 0 };
    const client = await createClient({ trackers, listen, home: this.path(name), advertise: null, web: false });
    this.#clients.push(client);
    await client.control.call('create_user', { user: name, password: 'secret' });
    await client.control.call('login', { user: name, password: 'secret' });
  }
}
