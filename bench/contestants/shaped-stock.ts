import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { encodeInfo, encodeTorrent, Geometry, parseGroupId } from '@peerage/bittorrent';
import { hashFile } from '@peerage/storage';
import { AnnounceServer } from '../../scripts/drive/stock/announce-server.ts';
import { StockClient, type StockName } from '../../scripts/drive/stock/stock-client.ts';
import type { ShapedNet } from './shaped-net.ts';

const group = parseGroupId('0123456789abcdef0123456789abcdef')!;
const PORT = 7900;

/** The same work by an established engine over plain TCP; every run begins with new processes, the seeders' start is not part of it. */
export async function fetchByStock(
  name: StockName,
  options: { readonly net: ShapedNet; readonly folder: string; readonly path: string; readonly seeders: number },
): Promise<number> {
  const { net, folder, path, seeders } = options;
  mkdirSync(folder);
  const tracker = await AnnounceServer.start(net.hub);
  const clients: StockClient[] = [];
  try {
    const { sizeBytes, pieceHashes, sha1 } = await hashFile(path);
    const geometry = new Geometry(sizeBytes);
    const info = encodeInfo({ kind: 'file', name: basename(path), group, geometry, pieceHashes, sha1 });
    const torrent = join(folder, 'share.torrent');
    writeFileSync(torrent, encodeTorrent(info, { announce: tracker.url }));
    const start = (place: number, role: 'seed' | 'leech') => {
      const { namespace, host } = net.places[place]!;
      const own = join(folder, String(place));
      mkdirSync(own);
      if (role === 'seed') linkSync(path, join(own, basename(path)));
      const peers = net.places.slice(0, seeders).map((seeder) => `${seeder.host}:${PORT}`);
      const task = {
        role,
        torrent,
        folder: own,
        state: join(folder, `state-${place}`),
        host,
        port: PORT,
        peers,
        namespace,
      };
      clients.push(StockClient.start(name, task));
    };
    for (let place = 0; place < seeders; place++) start(place, 'seed');
    await tracker.seeders(seeders);
    const startedMs = performance.now();
    for (let place = seeders; place < net.places.length; place++) start(place, 'leech');
    const serving = clients.slice(0, seeders);
    await Promise.all(clients.slice(seeders).map((client) => client.done(serving)));
    return (performance.now() - startedMs) / 1000;
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await tracker.close();
    rmSync(folder, { recursive: true });
  }
}
