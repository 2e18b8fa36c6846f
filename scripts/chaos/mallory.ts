import { Geometry, parseInfoHash } from '@peerage/bittorrent';
import { CertifiedDevice } from '../../test/support/certified-device.ts';
import { RawPeer, type ServedShare } from '../../test/support/raw-peer.ts';
import { writeRandomFile } from '../../test/support/team.ts';
import type { House } from './house.ts';

const SIZE_MIB = 2;
const MIB = 1024 * 1024;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A member who was served, was removed, and tries every seeder with the certificate of before and both trackers for a new one, all the time. */
export class Mallory {
  readonly tries = { seeders: 0, certificates: 0 };
  bytes = 0;
  certificates = 0;
  readonly #device: CertifiedDevice;
  readonly #served: readonly ServedShare[];

  private constructor(device: CertifiedDevice, served: readonly ServedShare[]) {
    this.#device = device;
    this.#served = served;
  }

  /** The last two clients of the house seed for the whole run. Rejects where Mallory, still a member, is not served by both. */
  static async removed(house: House): Promise<Mallory> {
    const seeders = house.clients.slice(-2);
    const [owner, second] = seeders as [(typeof seeders)[0], (typeof seeders)[0]];
    for (const [index, seeder] of seeders.entries()) {
      await seeder.do('create_user', `seeder${index}`, 'secret');
      await seeder.do('login', `seeder${index}`, 'secret');
    }
    await owner.do('create_group', 'house');
    await house.settled();
    await second.do('join_group', 'house');
    await house.settled();
    await owner.do('accept_request', 'house', 'seeder1');
    await house.settled();
    const path = `${house.folder}/house.bin`;
    writeRandomFile(path, SIZE_MIB);
    for (const seeder of seeders) await seeder.do('upload_file', path, 'house');
    const [file] = (await owner.do('list_files', 'house')).files;

    const device = await CertifiedDevice.open(house.ports[0]!, 'mallory', 'secret');
    const group = (await device.device.call('findGroup', { params: { name: 'house' } })).id;
    await device.device.join(group);
    await house.settled();
    await owner.do('accept_request', 'house', 'mallory');
    await house.settled();
    await device.certify(group);
    const served: ServedShare[] = [];
    for (const client of house.clients) {
      const isSeeder = seeders.includes(client);
      served.push({
        group,
        infoHash: parseInfoHash(file!.info_hash)!,
        geometry: new Geometry(SIZE_MIB * MIB),
        device: isSeeder ? (await client.do('whoami')).device! : '0'.repeat(32),
        port: Number(client.listenAddress.split(':').at(-1)),
      });
    }
    const mallory = new Mallory(device, served);
    for (const share of served.slice(-2)) {
      const peer = await RawPeer.dial(device, share);
      await peer.served(4);
      peer.close();
    }
    await owner.do('remove_member', 'house', 'mallory');
    await house.settled();
    return mallory;
  }

  async run(untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      await Promise.all(this.#served.map((share) => this.#tries(share)));
      this.tries.certificates++;
      const [{ group }] = this.#served as [ServedShare];
      const answer = await this.#device.device
        .call('certificates', { body: { groups: [group] } })
        .catch(() => undefined);
      this.certificates += answer?.certificates.length ?? 0;
      await pause(500);
    }
    this.#device.close();
  }

  async #tries(share: ServedShare): Promise<void> {
    this.tries.seeders++;
    const peer = await RawPeer.dial(this.#device, share).catch(() => undefined); // refused before a connection is one
    if (!peer) return;
    await Promise.race([peer.closed, pause(2_000)]);
    this.bytes += peer.bytes;
    peer.close();
  }
}
