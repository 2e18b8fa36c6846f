import { type Block, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';
import { disconnect } from './connections.ts';
import type { PeerSession } from './peer-session.ts';
import { forgetAssigned, noteAsked, takeBack as takeBackGiven } from './spreading.ts';
import type { TransferState } from './transfer-state.ts';

/** A socket on a slow uplink takes this much at once: what is behind it can still be cancelled. */
const SHALLOW_BYTES = 64 * 1024;
const SHALLOW_MS = 50;
/** What was handed over and never confirmed counts no more after this long. */
const UNCONFIRMED_MS = 10_000;
/** A whole piece so many times sooner than that, or later than others say that they have theirs. */
const UNCONFIRMED_LEAST_MS = 2_000;
const LATE_FACTOR = 4;
const CONFIRMED_WEIGHT = 0.1;
/** Round trips of peers weigh in the mean of all by this. */
const ROUND_TRIP_WEIGHT = 0.1;
const ROUND_TRIP_MOST_MS = 1_000;

function isSame(left: Block, right: Block): boolean {
  return left.piece === right.piece && left.offsetBytes === right.offsetBytes && left.lengthBytes === right.lengthBytes;
}

/** Says no to a request, where the peer can hear it (BEP 6); BEP 3 knows only silence. */
function refuse(state: TransferState, session: PeerSession, block: Block): void {
  if (session.fast) state.send(session, { type: 'reject_request', block });
}

function isKnown({ upload }: PeerSession, block: Block): boolean {
  const isAsked = (asked: Block) => isSame(asked, block);
  return upload.waiting.some(isAsked) || upload.serving.some(isAsked);
}

export function onRequest(state: TransferState, session: PeerSession, block: Block): void {
  const { upload } = session;
  if (!mayAsk(session, block) || !state.have.has(block.piece)) {
    refuse(state, session, block);
    if (++upload.refusedRequests > state.limits.refusedRequests) {
      disconnect(state, session, 'protocol', 'keeps asking for what it cannot get');
    }
  } else if (!session.fast && isKnown(session, block)) {
    // A choke that crossed the request voided it for the peer, not for us: it asks again, and one answer is enough.
  } else if (mayWait(state, session, block)) {
    accept(state, session, block);
  } else if (session.fast) {
    refuse(state, session, block);
  } else {
    disconnect(state, session, 'protocol', `has more than ${state.limits.waitingRequests} requests waiting`);
  }
}

function mayWait({ limits }: TransferState, { upload }: PeerSession, block: Block): boolean {
  const isShort = upload.waiting.length < limits.waitingRequests;
  return isShort && upload.waitingBytes + block.lengthBytes <= limits.waitingBytes;
}

/** While it is unchoked; and behind a choke, which may cross its requests, what is left of the piece that it was asking for. */
function mayAsk({ upload, fast }: PeerSession, block: Block): boolean {
  if (!upload.choked) return true;
  return fast && upload.interested && block.piece === upload.lastPiece && upload.grantedBytes > -PIECE_BYTES;
}

function accept(state: TransferState, session: PeerSession, block: Block): void {
  const { upload } = session;
  if (upload.unaskedSinceMs > 0) {
    const sampleMs = Math.min(ROUND_TRIP_MOST_MS, state.nowMs - upload.unaskedSinceMs);
    state.servedRoundTripMs += (sampleMs - state.servedRoundTripMs) * ROUND_TRIP_WEIGHT;
    upload.unaskedSinceMs = 0;
  }
  if (block.piece !== upload.lastPiece) noteAsked(state, session, block.piece);
  upload.lastPiece = block.piece;
  const hadGrant = upload.grantedBytes > 0;
  // Nothing granted and still unchoked means that nobody else waits: then nothing is owed either.
  upload.grantedBytes = hadGrant || upload.choked ? upload.grantedBytes - block.lengthBytes : 0;
  if (hadGrant && upload.grantedBytes <= 0) state.rechoke = true;
  upload.waiting.push(block);
  upload.waitingBytes += block.lengthBytes;
  serveWaiting(state, session);
}

export function onCancel(state: TransferState, session: PeerSession, block: Block): void {
  const { upload } = session;
  const index = upload.waiting.findIndex((waiting) => isSame(waiting, block));
  if (index !== -1) {
    upload.waiting.splice(index, 1);
    upload.waitingBytes -= block.lengthBytes;
    refuse(state, session, block);
    if (upload.waiting.length === 0) state.line.delete(session);
    state.rechoke = true;
  } else if (upload.serving.some((serving) => isSame(serving, block))) {
    state.emit({ type: 'cancel_serve', peer: session.peer, block });
  }
}

/** A block that was asked of the runtime left for the socket, or was dropped because a cancel came in time. */
export function onBlockSent(state: TransferState, session: PeerSession, block: Block, dropped: boolean): void {
  const { upload } = session;
  const index = upload.serving.findIndex((serving) => isSame(serving, block));
  if (index === -1) return;
  upload.serving.splice(index, 1);
  upload.servingBytes -= block.lengthBytes;
  if (dropped) {
    takeBack(state, session, block.piece, block.lengthBytes);
    refuse(state, session, block);
    state.rechoke = true;
  } else {
    upload.upBytes += block.lengthBytes;
    session.spokeMs = state.nowMs;
    upload.refusedRequests = 0;
  }
  serveWaiting(state, session);
  // Without the fast extension a choke has to wait until nothing is asked for any more.
  if (!session.fast && upload.waiting.length === 0 && upload.serving.length === 0) state.rechoke = true;
}

/** The peer says that it has the piece: what we sent of it has arrived. */
export function onDelivered(state: TransferState, session: PeerSession, piece: PieceIndex): void {
  forgetAssigned(state, session, piece);
  state.withholding.settle(session.member, piece);
  if (session.upload.handedBytes === 0) return;
  const handed = session.upload.handed.get(piece);
  if (handed === undefined) return;
  const tookMs = state.nowMs - handed.lastMs;
  state.confirmedMs =
    state.confirmedMs === 0 ? tookMs : state.confirmedMs + (tookMs - state.confirmedMs) * CONFIRMED_WEIGHT;
  session.upload.handed.delete(piece);
  session.upload.handedBytes -= handed.bytes;
  session.upload.busySinceMs = state.nowMs;
  state.uplink.delivered(handed.bytes, state.nowMs);
  state.rechoke = true;
}

/** What was handed over long ago and not confirmed is not waited for any more: the peer withholds it. */
export function forgetUnconfirmed(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  if (upload.handedBytes === 0) return;
  for (const [piece, handed] of upload.handed) {
    const isWhole = handed.bytes >= state.geometry.pieceLengthBytes(piece);
    if (state.nowMs - handed.lastMs < unconfirmedMs(state, isWhole)) continue;
    const isOfPiece = (block: Block) => block.piece === piece;
    if (upload.serving.some(isOfPiece) || upload.waiting.some(isOfPiece)) continue;
    upload.handed.delete(piece);
    upload.handedBytes -= handed.bytes;
    state.uplink.lost(handed.bytes);
    takeBackGiven(state, session, piece);
    state.withholding.note(session.member, piece, handed.bytes, state.nowMs);
  }
}

function unconfirmedMs(state: TransferState, isWhole: boolean): number {
  if (!isWhole || state.confirmedMs === 0) return UNCONFIRMED_MS;
  return Math.max(UNCONFIRMED_LEAST_MS, Math.min(UNCONFIRMED_MS, LATE_FACTOR * state.confirmedMs));
}

/** A piece cannot be served any more: whatever was asked for of it is refused. */
export function stopServing(state: TransferState, piece: PieceIndex): void {
  for (const session of state.sessions.values()) {
    const { upload } = session;
    for (const block of upload.serving) if (block.piece === piece) takeBack(state, session, piece, block.lengthBytes);
    for (const block of [...upload.serving, ...upload.waiting]) {
      if (block.piece === piece) refuse(state, session, block);
    }
    const isOther = (block: Block) => block.piece !== piece;
    const sum = (blocks: readonly Block[]) => blocks.reduce((bytes, block) => bytes + block.lengthBytes, 0);
    upload.waiting = upload.waiting.filter(isOther);
    upload.waitingBytes = sum(upload.waiting);
    upload.serving = upload.serving.filter(isOther);
    upload.servingBytes = sum(upload.serving);
    if (upload.waiting.length === 0) state.line.delete(session);
  }
  serveLine(state);
  state.rechoke = true;
}

function takeBack(state: TransferState, { upload }: PeerSession, piece: PieceIndex, bytes: number): void {
  const handed = upload.handed.get(piece);
  if (handed === undefined) return;
  handed.bytes -= bytes;
  upload.handedBytes -= bytes;
  state.uplink.lost(bytes);
  if (handed.bytes === 0) upload.handed.delete(piece);
}

function serveWaiting(state: TransferState, session: PeerSession): void {
  if (session.upload.waiting.length > 0) state.line.add(session);
  serveLine(state);
}

/**
 * Hands blocks to the runtime, in all no faster than the uplink is: who began to wait first comes first, until its socket is full, or a
 * piece is handed over and it is another's turn. Who withholds pieces comes after all others.
 */
export function serveLine(state: TransferState): void {
  const late: PeerSession[] = [];
  for (const session of state.line) {
    if (state.withholding.withholds(session.member, state.nowMs)) late.push(session);
    else if (!serveTurn(state, session)) return;
  }
  for (const session of late) if (!serveTurn(state, session)) return;
}

/** False where the uplink has enough to send. */
function serveTurn(state: TransferState, session: PeerSession): boolean {
  const { uplink } = state;
  const { upload } = session;
  const depthBytes = socketBytes(state);
  const isFull = () => state.rules.shallow && !uplink.mayHandOver(state.nowMs);
  let served = 0;
  for (const next of upload.waiting) {
    if (upload.turnBytes >= PIECE_BYTES || isFull()) break;
    if (upload.servingBytes > 0 && upload.servingBytes + next.lengthBytes > depthBytes) break;
    served++;
    upload.turnBytes += next.lengthBytes;
    upload.serving.push(next);
    upload.servingBytes += next.lengthBytes;
    upload.waitingBytes -= next.lengthBytes;
    handOver(state, session, next);
    state.emit({ type: 'serve_block', peer: session.peer, block: next });
  }
  if (served > 0) upload.waiting.splice(0, served);
  if (upload.waiting.length === 0) {
    state.line.delete(session);
    upload.turnBytes = 0;
  } else if (upload.turnBytes >= PIECE_BYTES) {
    state.line.delete(session);
    state.line.add(session);
    upload.turnBytes = 0;
  }
  return !isFull();
}

function handOver(state: TransferState, { upload }: PeerSession, block: Block): void {
  state.uplink.handOver(block.lengthBytes, state.nowMs);
  const handed = upload.handed.get(block.piece);
  if (handed === undefined) {
    upload.handed.set(block.piece, { bytes: block.lengthBytes, lastMs: state.nowMs });
  } else {
    if (handed.bytes < state.geometry.pieceLengthBytes(block.piece)) handed.lastMs = state.nowMs;
    handed.bytes += block.lengthBytes;
  }
  upload.handedBytes += block.lengthBytes;
}

/** What one socket may be given before it has taken it: little on slow uplinks, all that is allowed on fast ones. */
function socketBytes(state: TransferState): number {
  const { servedBytes } = state.limits;
  if (!state.rules.shallow) return servedBytes;
  const bytes = (state.uplink.bytesPerSecond * SHALLOW_MS) / 1000;
  return Math.max(Math.min(SHALLOW_BYTES, servedBytes), Math.min(servedBytes, bytes));
}

export function choke(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  upload.choked = true;
  upload.chokedSinceMs = state.nowMs;
  upload.unaskedSinceMs = 0;
  upload.grantedBytes = Math.min(0, upload.grantedBytes);
  // To a peer without the fast extension a choke voids every request: what comes after it would be unwanted.
  if (!session.fast) {
    for (const block of upload.serving) state.emit({ type: 'cancel_serve', peer: session.peer, block });
    upload.waiting = [];
    upload.waitingBytes = 0;
    state.line.delete(session);
  }
  state.send(session, { type: 'choke' });
}

/** With the fast extension a choke says only that no more may be asked for; this also takes back what waits. */
export function dropWaiting(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  for (const block of upload.waiting) refuse(state, session, block);
  upload.waiting = [];
  upload.waitingBytes = 0;
  state.line.delete(session);
}

export function unchoke(state: TransferState, session: PeerSession): void {
  const { upload } = session;
  upload.choked = false;
  upload.chokedSinceMs = state.nowMs;
  upload.refusedRequests = 0;
  state.send(session, { type: 'unchoke' });
}
