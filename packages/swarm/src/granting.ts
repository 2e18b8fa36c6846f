import { PIECE_BYTES } from '@peerage/bittorrent';
import { reviewUploads } from './choker.ts';
import type { PeerSession } from './peer-session.ts';
import { choke, dropWaiting, unchoke } from './serving.ts';
import { assign, bestReceiver, forgetAdvice, gotCount, isGivingLast, isSpreading, pieceToGive } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

// Who may ask us for what. A grant is one piece: the peer is unchoked, asks for it, and is choked before it can ask for more, while the blocks
// are still on their way. A peer without anybody waiting beside it stays unchoked and asks as deep as it likes.

/**
 * What is granted or on its way lasts this long beyond the round trip. A seeder gives one after another: what it gives twice for being hasty adds to everybody's
 * time, and what it never gave is lost when it leaves. A leecher that grants more gains where downlinks are as narrow as uplinks, and loses more where they are not.
 */
const COVER_MS = 300;
/** Slow uplinks grant less: who waits longer than this for its first block looks for another. */
const PATIENCE_MS = 3_000;
const FEWEST_GRANTS = 4;
const MOST_SPARE_GRANTS = 14;
/** With less than this underway the uplink is about to run dry. */
const DRY_MS = 20;
const SPARE_ENDS_MS = 1_000;
/** Granted and not asked for, of one connection. */
const UNASKED_MOST_BYTES = 2 * PIECE_BYTES;
/**
 * Who has not asked for what it was granted in this time (and three round trips) lets others go first for a while. The next time it has twice as long: Transmission asks twice a
 * second only, and would always find itself choked.
 */
const LAPSE_MS = 500;
const LAPSE_DOUBLINGS = 3;
/** A peer that takes so many times longer than a fast one would holds no grant back from others. */
const SLOW_FACTOR = 3;
const SLOW_LEAST_MS = 300;
/** Pieces that a peer may owe us before others come first. */
const CREDIT_PIECES = 16;
const SKIPPED_PART = 0.75;

/** Chokes and unchokes. */
export function reviewServing(state: TransferState): void {
  state.rechoke = false;
  if (!state.rules.grants) {
    takeTurns(state);
    return;
  }
  for (const session of state.sessions.values()) {
    const { upload } = session;
    if (upload.choked || mayStop(session) === false) continue;
    if (!upload.interested) revoke(state, session);
    else if (hasLapsed(state, session)) {
      revoke(state, session);
      upload.lapses++;
      upload.notBeforeMs = state.nowMs + LAPSE_MS;
    }
  }
  grantAll(state);
  const waits = isSpreading(state) || [...state.sessions.values()].some((session) => isWaiting(state, session));
  if (!waits) return;
  for (const session of state.sessions.values()) {
    if (!session.upload.choked && session.upload.grantedBytes <= 0 && mayStop(session)) choke(state, session);
  }
}

/** Without the fast extension a choke voids what was asked for: it waits until that is sent. */
function mayStop({ upload, fast }: PeerSession): boolean {
  return fast || (upload.waiting.length === 0 && upload.serving.length === 0);
}

function isWaiting(state: TransferState, { upload }: PeerSession): boolean {
  return upload.choked && upload.interested && upload.notBeforeMs <= state.nowMs;
}

function hasLapsed(state: TransferState, { upload }: PeerSession): boolean {
  const lapseMs = LAPSE_MS * 2 ** Math.min(LAPSE_DOUBLINGS, upload.lapses) + 3 * state.servedRoundTripMs;
  return upload.unaskedSinceMs > 0 && state.nowMs - upload.unaskedSinceMs > lapseMs;
}

function revoke(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  upload.grantedBytes = Math.min(0, upload.grantedBytes);
  forgetAdvice(state, session);
  choke(state, session);
}

function grantAll(state: TransferState): void {
  const rate = state.uplink.bytesPerSecond;
  const coverBytes = (rate * (COVER_MS + state.servedRoundTripMs)) / 1000;
  const patienceBytes = rate === 0 ? Number.POSITIVE_INFINITY : (rate * PATIENCE_MS) / 1000;
  const fewestBytes = Math.max(PIECE_BYTES, Math.min(FEWEST_GRANTS * PIECE_BYTES, patienceBytes));
  const base = isGivingLast(state) ? PIECE_BYTES : Math.max(fewestBytes, coverBytes);
  const slowMs = SLOW_FACTOR * Math.max(SLOW_LEAST_MS, rate === 0 ? 0 : (base * 1000) / rate);
  let committed = 0;
  let sendable = 0;
  for (const { member, upload } of state.sessions.values()) {
    const bytes = upload.committedBytes;
    if (bytes === 0 || state.nowMs - upload.busySinceMs > slowMs) continue;
    if (state.withholding.withholds(member, state.nowMs)) continue;
    committed += bytes;
    sendable += upload.waitingBytes + upload.handedBytes;
  }
  const isFull = () => committed + PIECE_BYTES > base + state.spareGrants * PIECE_BYTES;
  while (true) {
    if (isFull()) {
      // Everything is granted and nothing of it comes to be sent: one more.
      const isDry = rate > 0 && sendable < (rate * DRY_MS) / 1000;
      if (
        !isDry ||
        state.spareGrants >= MOST_SPARE_GRANTS ||
        state.nowMs < state.spareSinceMs + state.servedRoundTripMs
      )
        return;
      if (!mayGrant(state)) return;
      state.spareGrants++;
      state.spareSinceMs = state.nowMs;
      continue;
    }
    const session = nextReceiver(state, committed === 0);
    if (session === undefined) return;
    grant(state, session);
    committed += PIECE_BYTES;
  }
}

/** Told on every tick: a spare grant is given up again, one a second. */
export function reviewSpareGrants(state: TransferState): void {
  if (state.spareGrants === 0 || state.nowMs - state.spareSinceMs < SPARE_ENDS_MS) return;
  state.spareGrants--;
  state.spareSinceMs = state.nowMs;
}

function mayGrant(state: TransferState): boolean {
  for (const session of state.sessions.values()) if (isCandidate(state, session)) return true;
  return false;
}

function isCandidate(state: TransferState, { upload }: PeerSession): boolean {
  if (!upload.interested || upload.notBeforeMs > state.nowMs) return false;
  return upload.grantedBytes + PIECE_BYTES <= UNASKED_MOST_BYTES;
}

function nextReceiver(state: TransferState, isIdle: boolean): PeerSession | undefined {
  let candidates = [...state.sessions.values()].filter((session) => isCandidate(state, session));
  const honest = candidates.filter((session) => !state.withholding.withholds(session.member, state.nowMs));
  if (honest.length > 0) candidates = honest;
  else if (!isIdle) return undefined;
  const idle = candidates.filter(({ upload }) => upload.grantedBytes <= 0 && upload.waiting.length === 0);
  if (idle.length > 0) candidates = idle;
  if (candidates.length < 2) return candidates[0];
  if (isSpreading(state)) return bestReceiver(state, candidates);
  if (state.rules.credit) {
    const skipsDebtors = state.random.chance(SKIPPED_PART);
    const fair = skipsDebtors ? candidates.filter((session) => !owes(session)) : candidates;
    if (fair.length > 0) candidates = fair;
  }
  const one = state.random.pick(candidates)!;
  const other = state.random.pick(candidates)!;
  return gotCount(other) < gotCount(one) ? other : one;
}

function owes(session: PeerSession): boolean {
  return session.upload.upBytes - session.downBytes > CREDIT_PIECES * PIECE_BYTES;
}

function grant(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  if (upload.committedBytes === 0) upload.busySinceMs = state.nowMs;
  if (upload.grantedBytes <= 0) upload.unaskedSinceMs = state.nowMs;
  upload.grantedBytes = Math.max(0, upload.grantedBytes) + PIECE_BYTES;
  if (isSpreading(state) && session.fast) {
    const piece = pieceToGive(state, session);
    if (piece !== undefined) {
      assign(state, session, piece);
      upload.advised.set(piece, state.nowMs);
      state.send(session, { type: 'suggest_piece', piece });
    }
  }
  if (upload.choked) unchoke(state, session);
}

function takeTurns(state: TransferState): void {
  const uploads = [];
  for (const { peer, upload } of state.sessions.values()) {
    if (!upload.interested && upload.choked) continue;
    uploads.push({ peer, interested: upload.interested, unchoked: !upload.choked, sinceMs: upload.chokedSinceMs });
  }
  const changes = reviewUploads(uploads, state.nowMs);
  for (const peer of changes.choke) {
    const session = state.sessions.get(peer)!;
    dropWaiting(state, session);
    choke(state, session);
  }
  for (const peer of changes.unchoke) unchoke(state, state.sessions.get(peer)!);
}
