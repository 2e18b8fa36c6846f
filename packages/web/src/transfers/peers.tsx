import type { ControlResult } from '@peerage/contract';
import { percent, rate } from '../format/quantities.ts';
import { shown } from '../format/shown.ts';

type Peer = ControlResult<'show_transfer'>['peers'][number];

/** Who is connected, by member and device. */
export function Peers({ peers, pieces }: { readonly peers: readonly Peer[]; readonly pieces: number }) {
  if (peers.length === 0) return <p className="text-sm text-muted">Nobody is connected for this share now.</p>;
  return (
    <div className="overflow-x-auto">
      <table className="w-full min-w-lg text-sm">
        <thead className="text-left text-xs text-muted">
          <tr>
            <th className="py-1 font-medium">Member</th>
            <th className="py-1 font-medium">Device</th>
            <th className="py-1 font-medium">Address</th>
            <th className="py-1 text-right font-medium">Has</th>
            <th className="py-1 text-right font-medium">Down</th>
            <th className="py-1 text-right font-medium">Up</th>
          </tr>
        </thead>
        <tbody>
          {peers.map((peer) => (
            <tr key={peer.device} className="border-t border-line/60">
              <td className="py-1.5">{shown(peer.user)}</td>
              <td className="py-1.5 font-mono text-xs text-muted">{peer.device.slice(0, 8)}</td>
              <td className="py-1.5 font-mono text-xs text-muted">{shown(peer.address)}</td>
              <td className="py-1.5 text-right tabular-nums">{percent(peer.has_pieces, pieces)}</td>
              <td className="py-1.5 text-right tabular-nums">{rate(peer.down_rate)}</td>
              <td className="py-1.5 text-right tabular-nums">{rate(peer.up_rate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
