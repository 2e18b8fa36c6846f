import type { PeerTraits } from './peer-traits.ts';

/**
 * The least time in which everybody who counts could be complete, if data flowed like water: max(F/u_s, N·F/(u_s + Σu), F/least down)
 * (Kumar, Ross: "Peer-assisted file distribution: the minimum distribution time", 2006). Liars, free riders and silent askers give nothing.
 */
export function fluidBoundMs(sizeBytes: number, peers: readonly PeerTraits[]): number {
  const sum = (some: readonly PeerTraits[]) => some.reduce((total, peer) => total + peer.upBytesPerSecond, 0);
  const giving = peers.filter((peer) => peer.wrongPercent === 0 && !peer.isFreeRider && !peer.isSilent);
  const seeders = giving.filter((peer) => peer.isSeeder);
  const leechers = giving.filter((peer) => !peer.isSeeder);
  const counted = leechers.filter((peer) => !peer.isSlow);
  const seconds = Math.max(
    sizeBytes / sum(seeders),
    (counted.length * sizeBytes) / (sum(seeders) + sum(leechers)),
    ...counted.map((peer) => sizeBytes / peer.downBytesPerSecond),
  );
  return seconds * 1000;
}
