/**
 * A tracker's parts in a process of their own, with less around them: `http` serves plain HTTP (what TLS costs), `writer` takes commands without any HTTP (what that costs). Arguments: the form,
 * the data folder, and for `writer` a file of devices and the seconds. Prints the port, or the writes a second.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { assemble } from '../../packages/tracker/src/assemble.ts';
import { defaultLimits } from '../../packages/tracker/src/domain/limits.ts';
import { createServer } from '../../packages/tracker/src/http/server.ts';
import { openLog } from '../../packages/tracker/src/log.ts';
import { startWriterThread } from '../../packages/tracker/src/store/writer-thread.ts';
import type { PreparedDevice } from './prefill.ts';

const [, , form, dataDir = '', devicesPath = '', seconds = ''] = process.argv;
const databasePath = join(dataDir, 'tracker.db');
const writer = await startWriterThread(
  { databasePath, budgetBytes: null, limits: defaultLimits, guards: null },
  (error) => {
    throw error;
  },
);

if (form === 'http') {
  const around = { budgetBytes: () => null, openConnections: () => 0 };
  const { services } = assemble(writer, openLog(dataDir), { dataDir }, around);
  const channel = { exported: Buffer.alloc(32), trackerPin: Buffer.alloc(32) };
  const server = createServer(services, { channelOf: () => channel });
  await server.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`${(server.server.address() as AddressInfo).port}\n`);
} else {
  const devices = JSON.parse(readFileSync(devicesPath, 'utf8')) as PreparedDevice[];
  const [begun, untilMs] = [performance.now(), performance.now() + Number(seconds) * 1_000];
  let writes = 0;
  await Promise.all(
    devices.map(async ({ uid, device, group: gid, infoHash }) => {
      for (let count = 0; performance.now() < untilMs; count++, writes++) {
        const id = randomBytes(16).toString('hex');
        const caller = { actor: { uid, device }, command: { id, tag: { route: 'bench', bodyHash: '' } } };
        if (count % 2 === 0) await writer.run('share', { gid, infoHash }, caller);
        else await writer.run('stopShare', { gid, infoHash }, caller);
      }
    }),
  );
  process.stdout.write(`${writes / ((performance.now() - begun) / 1_000)}\n`);
  await writer.close();
}
