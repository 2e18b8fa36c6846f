import { z } from 'zod';
import type { RouteTable } from '../http-api/route.ts';
import { Id, InfoHashHex, TimeMs } from '../values.ts';
import { callLimits, Peer, PeerAddress, ShareKey } from './shapes.ts';

/** Who is online, where, with what. */
export const presenceRoutes = {
  heartbeat: {
    method: 'POST',
    path: '/v1/presence',
    summary:
      'This device is online (every 30 s; forgotten after 90 s). One heartbeat for all shares: `downloading` are running transfers, `withheld` are intents whose source is missing or changed.',
    session: true,
    body: z.strictObject({
      presenceSession: z.number().int().nonnegative(),
      version: z.number().int().nonnegative(),
      addresses: z.array(PeerAddress).max(callLimits.addresses),
      downloading: z.array(ShareKey).max(callLimits.shares),
      withheld: z.array(ShareKey).max(callLimits.shares),
    }),
    answer: z.object({ ttlMs: z.number().int().positive(), nowMs: TimeMs }),
  },
  peers: {
    method: 'GET',
    path: '/v1/groups/:group/peers/:infoHash',
    summary: 'Online devices, other than the caller, that share or download this content; members only.',
    session: true,
    params: z.object({ group: Id, infoHash: InfoHashHex }),
    answer: z.object({ peers: z.array(Peer) }),
  },
} as const satisfies RouteTable;
