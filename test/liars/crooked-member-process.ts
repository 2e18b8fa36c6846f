import { parseInfo, parseInfoHash } from '@peerage/bittorrent';
import { newCommandId } from '../../packages/tracker/src/testing/test-device.ts';
import { CertifiedDevice } from '../support/certified-device.ts';
import type { CrookedCall, CrookedOrders, CrookedReply } from './crooked-member.ts';
import { WireSeeder } from './seeder-wire.ts';

/** The process of crooked-member.ts: a member of a group who logs in and shares like everybody else, and serves as its manners say. */
const orders = JSON.parse(process.argv[2]!) as CrookedOrders;
const { user, groupName, manners, path } = orders;
const member = await CertifiedDevice.open(orders.trackerPort, user, 'secret');
const { device } = member;
const { id: group } = await device.call('findGroup', { params: { name: groupName } });
await device.join(group);
let seeder: WireSeeder | undefined;

async function share(name: string): Promise<string> {
  const { infoHash } = await device.call('findFile', { params: { group }, query: { name } });
  const info = parseInfo(await device.call('getMetainfo', { params: { group, infoHash } }));
  if (info.kind !== 'file') throw new Error('only files are shared in these tests');
  const served = { infoHash: parseInfoHash(infoHash)!, info, path };
  await member.certify(group);
  const self = { device: device.deviceId, user };
  seeder = await WireSeeder.start({ served, self, manners, transport: member.transport });
  await device.call('share', { params: { group }, body: { commandId: newCommandId(), infoHash } });
  await device.beat(seeder.port);
  return device.deviceId;
}

function answer(call: CrookedCall): Promise<unknown> | unknown {
  switch (call.call) {
    case 'share':
      return share(call.name);
    case 'figures':
      return seeder!.figures;
    case 'dial':
      return seeder!.dial(call.port, call.device);
  }
}

const reply = (message: CrookedReply) => process.send!(message);
process.on('message', async (call: CrookedCall) => reply({ value: await answer(call) }));
process.once('disconnect', () => {
  member.close();
  void seeder?.close();
});
reply({ value: 'joined' });
