import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import type { SignedRevocation } from '@peerage/contract';
import { createTracker } from '../../packages/tracker/src/app.ts';
import { newCommandId } from '../../packages/tracker/src/testing/test-device.ts';
import { ClientProcess } from '../../scripts/drive/client-process.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import { RawPeer, type ServedShare } from '../support/raw-peer.ts';
import { writeRandomFile } from '../support/team.ts';

const MIB = 1024 * 1024;

interface HouseOptions {
  readonly sizeMib: number;
  readonly certificateMs?: number;
  /** The port at which the seeder reaches the tracker of that port. */
  readonly seenBySeeder?: (trackerPort: number) => Promise<number>;
}

/** A tracker, and a client in a process of its own that seeds one file in a group. The owner, the other members and strangers are the test's own. */
export class SeederHouse {
  readonly folder: string;
  readonly seeder: ClientProcess;
  readonly owner: CertifiedDevice;
  readonly served: ServedShare;
  readonly trackerPort: number;
  readonly path: string;
  readonly #endTracker: () => Promise<void>;
  readonly #members: CertifiedDevice[] = [];
  readonly #peers: RawPeer[] = [];

  private constructor(parts: {
    folder: string;
    seeder: ClientProcess;
    owner: CertifiedDevice;
    served: ServedShare;
    trackerPort: number;
    path: string;
    endTracker: () => Promise<void>;
  }) {
    this.folder = parts.folder;
    this.seeder = parts.seeder;
    this.owner = parts.owner;
    this.served = parts.served;
    this.trackerPort = parts.trackerPort;
    this.path = parts.path;
    this.#endTracker = parts.endTracker;
  }

  static async open({ sizeMib, certificateMs, seenBySeeder }: HouseOptions): Promise<SeederHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'peerage-house-'));
    mkdirSync(join(folder, 'tracker'), { mode: 0o700 });
    const tracker = await createTracker({
      dataDir: join(folder, 'tracker'),
      host: '127.0.0.1',
      port: 0,
      limits: { applicationWaitMs: [0] }, // who was removed may ask again at once
      ...(certificateMs !== undefined && { certificateTimes: { lifeMs: certificateMs } }),
    });
    const info = join(folder, 'tracker_info.txt');
    const { port } = tracker.address;
    writeFileSync(info, `127.0.0.1:${(await seenBySeeder?.(port)) ?? port}\n`);
    const seeder = await ClientProcess.start(info, join(folder, 'home'));
    await seeder.do('create_user', 'alice', 'secret');
    await seeder.do('login', 'alice', 'secret');
    const owner = await CertifiedDevice.open(tracker.address.port, 'owner', 'secret');
    const group = await owner.device.createGroup('team');
    await seeder.do('join_group', 'team');
    await owner.device.decide(group, 'alice', 'accept');
    const path = join(folder, 'served.bin');
    writeRandomFile(path, sizeMib);
    await seeder.do('upload_file', path, 'team');
    const [file] = (await seeder.do('list_files', 'team')).files;
    const served = {
      group,
      infoHash: parseInfoHash(file!.info_hash)!,
      geometry: new Geometry(sizeMib * MIB),
      device: (await seeder.do('whoami')).device!,
      port: Number(seeder.listenAddress.split(':').at(-1)),
    };
    return new SeederHouse({
      folder,
      seeder,
      owner,
      served,
      path,
      trackerPort: tracker.address.port,
      endTracker: () => tracker.close(),
    });
  }

  /** A user who became a member just now, with a certificate. */
  async member(name: string): Promise<CertifiedDevice> {
    const member = await CertifiedDevice.open(this.trackerPort, name, 'secret');
    this.#members.push(member);
    await this.accept(member, name);
    return member;
  }

  /** Asks to join and is accepted; certified from then on. */
  async accept(member: CertifiedDevice, name: string): Promise<void> {
    await member.device.join(this.served.group);
    await this.owner.device.decide(this.served.group, name, 'accept');
    await member.certify(this.served.group);
  }

  async remove(name: string): Promise<readonly SignedRevocation[]> {
    const [params, body] = [{ group: this.served.group }, { commandId: newCommandId(), user: name }];
    return (await this.owner.device.call('removeMember', { params, body })).revoked;
  }

  /** One more device of a user, logged in. */
  async anotherDevice(name: string): Promise<CertifiedDevice> {
    const member = await CertifiedDevice.another(this.trackerPort, name, 'secret');
    this.#members.push(member);
    return member;
  }

  /** A connection of that member's to the seeder. */
  async peer(member: CertifiedDevice, say?: readonly Uint8Array[]): Promise<RawPeer> {
    const peer = await RawPeer.dial(member, this.served, say);
    this.#peers.push(peer);
    return peer;
  }

  /** What the seeder's log says of connections that it refused or cut: the codes, oldest first. */
  refusals(): string[] {
    const log = readFileSync(join(this.folder, 'home', 'log', 'client.log'), 'utf8');
    return log.split('\n').flatMap((line) => {
      const entry = line === '' ? {} : (JSON.parse(line) as { msg?: string; code?: string });
      return entry.msg?.startsWith('refused: ') && entry.code !== undefined ? [entry.code] : [];
    });
  }

  /** The same, once there are so many; each look waits for an answer of the seeder's, the test's own time limit ends it. */
  async refused(count: number): Promise<string[]> {
    for (;;) {
      const codes = this.refusals();
      if (codes.length >= count) return codes;
      await this.seeder.do('whoami');
    }
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    for (const member of this.#members) member.close();
    this.owner.close();
    await this.seeder.stop();
    await this.#endTracker();
    rmSync(this.folder, { recursive: true });
  }
}
