import type { ControlResult } from '@peerage/contract';
import type { PeerFacts, TransferFacts, WhyFacts } from './facts.ts';

export type WhyReason = ControlResult<'why'>['reasons'][number];

/** So many whole pieces waiting for the disk mean that it is what keeps the others waiting (two are always on their way). */
const DISK_IS_BEHIND_PIECES = 3;
/** A peer with that many blocks asked of it (256 KiB) has more than enough to do: what comes is all that its uplink, or the way here, carries. */
const BUSY_BLOCKS = 16;
/** From this share of a limit on it is what holds the download back: rates and buckets are never in step. */
const NEAR_THE_LIMIT = 0.8;
const MOST_PEERS_NAMED = 5;

/** Why a download is as fast as it is, or stands still: what weighs most first. Never empty. */
export function reasonsFor(facts: WhyFacts): WhyReason[] {
  switch (facts.state) {
    case 'C':
      return [{ code: 'complete', message: 'it is complete' }];
    case 'E':
      return [{ code: 'failed', message: `it failed: ${facts.reason?.message ?? 'show_downloads says why'}` }];
    case 'P':
      return [{ code: 'paused', message: 'you paused it: resume_download goes on' }];
    case 'V':
      return [{ code: 'verifying', message: 'what is stored is being read and checked; that goes on by itself' }];
  }
  if (facts.reason?.code === 'no_space') {
    return [{ code: 'disk', message: `${facts.reason.message}; it goes on by itself once there is space` }];
  }
  const reasons = [...ofMembership(facts), ...ofPeers(facts), ...ofSpeed(facts)];
  if (!facts.hasTracker) {
    reasons.push({
      code: 'tracker',
      message: 'no tracker answers: nobody new is heard of, only those known before are asked',
    });
  }
  if (reasons.length > 0) return reasons;
  return facts.bytesPerSecond > 0
    ? [{ code: 'none', message: 'nothing holds it up' }]
    : [{ code: 'starting', message: 'it has just begun to ask: look again in a moment' }];
}

/** What keeps it from getting anything at all, as the reason that show_downloads gives. */
export function reasonToWait(facts: TransferFacts): WhyReason {
  return [...ofMembership(facts), ...ofPeers(facts)][0] ?? nobody;
}

const nobody: WhyReason = {
  code: 'no_seeders',
  message: 'nobody who has the missing pieces is online: the download goes on by itself when somebody comes',
};

function ofMembership({ hasMembership }: TransferFacts): WhyReason[] {
  if (hasMembership) return [];
  const message =
    "membership can't be renewed: no tracker gives a certificate for the group; the download goes on when one does";
  return [{ code: 'membership', message }];
}

function ofPeers({ hasMembership, peers, unavailable, lackedPieces }: TransferFacts): WhyReason[] {
  if (!hasMembership) return [];
  const connected = peers.filter((peer) => peer.connected);
  const unreachable = peers.filter(isUnreachable);
  const reasons: WhyReason[] = [];
  if (connected.length > 0 && unavailable.count > 0) {
    const isAll = unavailable.count === lackedPieces;
    reasons.push({
      code: 'piece_unavailable',
      message: `nobody who is connected has ${pieceWords(unavailable)}${isAll ? '' : '; the rest comes meanwhile'}`,
      pieces: [...unavailable.first],
    });
  }
  if (peers.length === 0 || (connected.length === 0 && peers.every((peer) => peer.banned))) reasons.push(nobody);
  for (const peer of unreachable.slice(0, MOST_PEERS_NAMED)) {
    reasons.push({ code: 'unreachable', message: unreachableWords(peer), user: peer.user });
  }
  for (const peer of peers.filter(({ banned }) => banned).slice(0, MOST_PEERS_NAMED)) {
    reasons.push({ code: 'banned', message: `${peer.user} sent wrong data and is asked no more`, user: peer.user });
  }
  return reasons;
}

function ofSpeed(facts: TransferFacts): WhyReason[] {
  const { peers, unstoredPieces, hasMembership, limitBytesPerSecond, bytesPerSecond } = facts;
  if (!hasMembership) return [];
  if (limitBytesPerSecond !== null && bytesPerSecond >= NEAR_THE_LIMIT * limitBytesPerSecond) {
    const message = `your limit of ${shownRate(limitBytesPerSecond)}: limit shows it and changes it`;
    return [{ code: 'limit', message }];
  }
  const useful = peers.filter((peer) => peer.connected && peer.lackedPieces > 0);
  if (unstoredPieces >= DISK_IS_BEHIND_PIECES) {
    const message = `your disk is behind: ${unstoredPieces} pieces wait to be written`;
    return [{ code: 'disk', message }];
  }
  const reasons: WhyReason[] = [];
  const serving = useful.filter(({ serves }) => serves).sort((a, b) => b.bytesPerSecond - a.bytesPerSecond);
  for (const { user, askedBlocks, bytesPerSecond: rate } of serving.slice(0, MOST_PEERS_NAMED)) {
    if (askedBlocks < BUSY_BLOCKS || rate === 0) continue;
    const message = `${user} gives ${shownRate(rate)}: more is asked for than comes, so that is what the uplink or the way from there carries`;
    reasons.push({ code: 'uplink', message, user });
  }
  for (const { user } of useful.filter(({ serves }) => !serves).slice(0, MOST_PEERS_NAMED)) {
    reasons.push({ code: 'waiting_turn', message: `${user} serves others at this moment: your turn comes`, user });
  }
  return reasons;
}

const isUnreachable = ({ connected, banned, addresses, failures }: PeerFacts): boolean =>
  !connected && !banned && (addresses === 0 || failures.length === addresses);

function unreachableWords({ user, addresses, failures }: PeerFacts): string {
  if (addresses === 0) {
    return `${user} is online, but told no address that can be reached from here, and has not reached this device either`;
  }
  const tried = failures.slice(0, 3).map(({ words }) => words);
  const all = `${user} is online, but can't be reached (${tried.join(', ')}), and has not reached this device either`;
  if (failures.every(({ ofMembership }) => ofMembership)) {
    return `${all}: it goes on when a tracker gives both a membership that is valid`;
  }
  return `${all}: where both are behind routers, one of them needs an open port (--advertise)`;
}

function pieceWords({ count, first }: TransferFacts['unavailable']): string {
  if (count === 1) return `piece ${first[0]}`;
  const named = first.join(', ');
  return count > first.length ? `pieces ${named} and ${count - first.length} more` : `pieces ${named}`;
}

function shownRate(bytesPerSecond: number): string {
  return bytesPerSecond >= 1e6
    ? `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`
    : `${Math.max(1, Math.round(bytesPerSecond / 1e3))} kB/s`;
}
