import { PeerageError } from '@peerage/contract';
import { asking, type Handlers } from './handler.ts';

interface WireShare {
  readonly group: string;
  readonly infoHash: string;
}

const shareKeys = (shares: readonly WireShare[]) => shares.map(({ group, infoHash }) => ({ gid: group, infoHash }));

export const presenceHandlers: Handlers<'heartbeat' | 'peers' | 'trackers' | 'trackerKey' | 'health'> = {
  async heartbeat({ presence, nowMs }, { session, body, source }) {
    if (body.presenceSession !== session.presenceSession) {
      throw new PeerageError('protocol', 'that heartbeat is of another login than its session');
    }
    const beat = {
      version: body.version,
      addresses: body.addresses,
      downloading: shareKeys(body.downloading),
      withheld: shareKeys(body.withheld),
    };
    await presence.heartbeat(session.uid, session.device, session.presenceSession, beat, source);
    return { ttlMs: presence.ttlMs, nowMs: nowMs() };
  },

  async peers({ writer, presence }, request) {
    const { group: gid, infoHash } = request.params;
    const online = presence.peersOf({ gid, infoHash }, request.session.device, request.source);
    const uids = [...new Set(online.map((peer) => peer.uid))];
    const names = new Map(await writer.run('membersAmong', { gid, uids }, asking(request)));
    const peers = online.flatMap(({ uid, device, role, addresses }) => {
      const user = names.get(uid);
      return user === undefined ? [] : [{ user, userId: uid, deviceId: device, role, addresses }];
    });
    return { peers };
  },

  async trackers({ writer, replication }, request) {
    const conflicts = await writer.run('ownConflicts', {}, asking(request));
    const status = replication?.status();
    const peers = (status?.peers ?? []).map(({ number, state, lagMs }) => ({ number, state, lagMs }));
    return { number: status?.number ?? null, peers, conflicts };
  },

  async trackerKey({ replication }, { query }) {
    return { pin: replication?.keyOf(query.address) ?? null };
  },

  async health({ writer, readiness, version }) {
    return { ok: readiness.reasons.length === 0 && (await writer.health()), version };
  },
};
