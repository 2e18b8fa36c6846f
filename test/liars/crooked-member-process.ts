import { parseInfo, parseInfoHash } from '@peerage/bittorrent';
import type { CrookedCall, CrookedOrders, CrookedReply } from './crooked-member.ts';
import { WireSeeder } from './seeder-wire.ts';
import { newCommand, TrackerAccount } from './tracker-account.ts';

/** The process of crooked-member.ts: a member of a group who logs in and shares like everybody else, and serves as its manners say. */
const orders = JSON.parse(process.argv[2]!) as CrookedOrders;
const { user, groupName, manners, path } = orders;
const account = await TrackerAccount.open(orders.trackerPort, user, 'secret');
const { id: group } = await account.call('findGroup', { params: { name: groupName } });
await account.call('joinGroup', { params: { group }, body: newCommand() });
let seeder: WireSeeder | undefined;

async function share(name: string): Promise<string> {
  const { infoHash } = await account.call('findFile', { params: { group }, query: { name } });
  const info = parseInfo(await account.call('getMetainfo', { params: { group, infoHash } }));
  if (info.kind !== 'file') throw new Error('only files are shared in these tests');
  const served = { infoHash: parseInfoHash(infoHash)!, info, path };
  seeder = await WireSeeder.start({ served, self: { device: account.device, user }, manners });
  await account.call('share', { params: { group }, body: { ...newCommand(), infoHash } });
  await account.beat(seeder.port);
  return account.device;
}

function answer(call: CrookedCall): Promise<unknown> | unknown {
  switch (call.call) {
    case 'share':
      return share(call.name);
    case 'figures':
      return seeder!.figures;
    case 'dial':
      return seeder!.dial(call.port);
  }
}

const reply = (message: CrookedReply) => process.send!(message);
process.on('message', async (call: CrookedCall) => reply({ value: await answer(call) }));
process.once('disconnect', () => void seeder?.close());
reply({ value: 'joined' });
