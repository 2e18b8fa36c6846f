import { PIECE_BYTES } from '@peerage/bittorrent';
import { reviewUploads } from './choker.ts';
import { grantDepth } from './grant-depth.ts';
import type { PeerSession } from './peer-session.ts';
import { comesLast, isCandidate, nextReceiver } from './receivers.ts';
import { choke, dropWaiting, unchoke } from './serving.ts';
import { assign, forgetAdvice, forgetOldAdvice, givesNothingFresh, isSpreading, pieceToGive } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

// Who may ask us for what. A grant is one piece: the peer is unchoked, asks for it, and is choked before it can ask for more, while the blocks
// are still on their way. A peer without anybody waiting beside it stays unchoked and asks as deep as it likes.

const MOST_SPARE_GRANTS = 14;
/** With less than this underway the uplink is about to run dry. */
const DRY_MS = 20;
const SPARE_ENDS_MS = 1_000;
/**
 * Who has not asked for what it was granted in this time (and three round trips) lets others go first for a while. The next time it has twice as long: Transmission asks twice a
 * second only, and would always find itself choked.
 */
const LAPSE_MS = 500;
const LAPSE_DOUBLINGS = 3;

/** Chokes and unchokes. */
export function reviewServing(state: TransferState): void {
  state.rechoke = false;
  if (!state.rules.grants) {
    takeTurns(state);
    return;
  }
  const mayAdvise = state.have.isFull;
  for (const session of state.sessions.values()) {
    const { upload } = session;
    if (mayAdvise && upload.advised.size > 0) forgetOldAdvice(state, session, state.nowMs - lapseMs(state, session));
    if (upload.choked || mayStop(session) === false) continue;
    if (!upload.interested) revoke(state, session);
    else if (hasLapsed(state, session)) {
      revoke(state, session);
      upload.lapses++;
      upload.notBeforeMs = state.nowMs + LAPSE_MS;
    }
  }
  grantAll(state);
  if (!isSpreading(state) && !isAnyWaiting(state)) return;
  for (const session of state.sessions.values()) {
    if (!session.upload.choked && session.upload.grantedBytes <= 0 && mayStop(session)) choke(state, session);
  }
}

/** Without the fast extension a choke voids what was asked for: it waits until that is sent. */
function mayStop({ upload, fast }: PeerSession): boolean {
  return fast || (upload.waiting.length === 0 && upload.serving.length === 0);
}

function isAnyWaiting(state: TransferState): boolean {
  for (const { upload } of state.sessions.values()) {
    if (upload.choked && upload.interested && upload.notBeforeMs <= state.nowMs) return true;
  }
  return false;
}

function hasLapsed(state: TransferState, session: PeerSession): boolean {
  const sinceMs = session.upload.unaskedSinceMs;
  return sinceMs > 0 && state.nowMs - sinceMs > lapseMs(state, session);
}

/** How long a grant stands that is not made use of. */
function lapseMs(state: TransferState, { upload }: PeerSession): number {
  return LAPSE_MS * 2 ** Math.min(LAPSE_DOUBLINGS, upload.lapses) + 3 * state.servedRoundTripMs;
}

function revoke(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  upload.grantedBytes = Math.min(0, upload.grantedBytes);
  forgetAdvice(state, session);
  choke(state, session);
}

function grantAll(state: TransferState): void {
  const rate = state.uplink.bytesPerSecond;
  const depth = grantDepth(state);
  let committed = 0;
  let committedLate = 0;
  let sendable = 0;
  for (const session of state.sessions.values()) {
    const { upload } = session;
    const bytes = upload.committedBytes;
    if (bytes === 0) continue;
    const tookMs = state.nowMs - upload.busySinceMs;
    if (tookMs > depth.slowMs || comesLast(state, session)) continue;
    // Among such as never say what they have, who is late is waited for: what it would make room for is taken by them.
    if (tookMs > depth.lateMs && session.has.count > 0 && !state.withholding.isAny) {
      committedLate += bytes;
    } else {
      committed += bytes;
      sendable += upload.waitingBytes + upload.handedBytes;
    }
  }
  const spareBytes = () => state.spareGrants * PIECE_BYTES;
  const isFull = () =>
    committed + PIECE_BYTES > depth.bytes + spareBytes() ||
    committed + committedLate + PIECE_BYTES > depth.mostBytes + spareBytes();
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
    if (committed + committedLate > 0 && givesNothingFresh(state)) return;
    const session = nextReceiver(state, committed + committedLate === 0);
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

function grant(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  upload.grantedAtMs = state.nowMs;
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
