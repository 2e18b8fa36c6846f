import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../packages/client/src/app.ts';
import { createTracker } from '../../packages/tracker/src/app.ts';
import { until } from '../durability/until.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { writeRandomFile } from '../support/team.ts';

test('who ends a client waits no longer for a tracker that is silent: what a command asks it is given up', async ({
  signal,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-ending-'));
  const tracker = await createTracker({ dataDir: join(folder, 'tracker'), host: '127.0.0.1', port: 0 });
  const proxy = await TcpProxy.start(tracker.address.port);
  const { port, address } = proxy;
  const client = await createClient({
    trackers: [{ host: '127.0.0.1', port, address, pin: null }],
    listen: { host: '127.0.0.1', port: 0 },
    home: join(folder, 'home'),
    advertise: null,
    web: false,
  });
  const call = client.control.call.bind(client.control);
  await call('create_user', { user: 'alice', password: 'secret' });
  await call('login', { user: 'alice', password: 'secret' });
  await call('create_group', { group: 'team' });
  writeRandomFile(join(folder, 'film'), 16);
  const hashed = Promise.withResolvers<void>();
  const upload = call(
    'upload_file',
    { path: join(folder, 'film'), group: 'team', cwd: folder },
    {
      onProgress: ({ doneBytes, totalBytes }) => {
        if (doneBytes < totalBytes) return;
        proxy.swallow(true); // what was asked before the hashing is answered; what is asked in its turn is not
        hashed.resolve();
      },
    },
  );
  // No tracker's silence, which is told in other words, and after longer.
  const given = expect(upload).rejects.toMatchObject({ message: 'the client ends, and no tracker answered' });
  await hashed.promise;
  await until(signal, () => proxy.swallowedBytes > 0);
  await client.close();
  await given;
  await proxy.close();
  await tracker.close();
  rmSync(folder, { recursive: true });
});
