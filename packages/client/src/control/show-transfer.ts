import { PeerageError } from '@peerage/contract';
import type { Inspection } from '../engine/inspection.ts';
import type { Handlers } from './handler.ts';

export const transferCommands: Handlers<'show_transfer'> = {
  async show_transfer({ session, fetching, sharing, engine, traffic }, { group, file }) {
    session.required();
    const share = fetching.known.latest(group, file)?.infoHash ?? sharing.known.named(group, file)?.infoHash;
    if (share === undefined) {
      throw new PeerageError('no_such_download', `nothing named '${file}' of '${group}' is fetched or shared here`);
    }
    const seen = (await engine.request({ type: 'inspect', share })) as Inspection | null;
    return {
      pieces: seen?.pieces ?? 0,
      have: seen?.havePieces ?? 0,
      cells: seen?.cells.map((cell) => ({ ...cell })) ?? [],
      peers:
        seen?.peers.map((peer) => ({
          user: peer.user,
          device: peer.device,
          address: peer.address,
          has_pieces: peer.hasPieces,
          down_rate: peer.downBytesPerSecond,
          up_rate: peer.upBytesPerSecond,
        })) ?? [],
      history: traffic.history(share).map((rates) => ({ ...rates })),
    };
  },
};
