import type { PieceIndex } from '@peerage/bittorrent';
import { type BlockId, blockId, isWholeId, ordinalOfBlock, pieceOfBlock, wholeId } from './block-id.ts';
import type { PeerSession } from './peer-session.ts';
import type { PieceAssembly } from './piece-assembly.ts';
import type { Transfer } from './transfer.ts';
import type { TransferState } from './transfer-state.ts';

/** The words are put together only where it does not hold: they would cost more than the look. */
function must(holds: boolean, ...what: readonly (string | number)[]): void {
  if (!holds) throw new Error(`invariant broken: ${what.join(' ')}`);
}

/** Throws where a transfer's state is not what the heads of its files promise. Costs a step for each piece and connection: for tests and the simulator. */
export function checkInvariants(transfer: Transfer): void {
  const { state } = transfer;
  for (const piece of state.geometry.pieces()) checkPiece(state, piece);
  checkOrder(state);
  const copies = askedCopies(state);
  for (const assembly of state.open.values()) checkAssembly(state, assembly, copies);
  for (const session of state.sessions.values()) checkSession(state, session);
  for (const orphan of state.orphans) must(state.open.get(orphan.piece) === orphan, 'an orphan is open');
  const told = [...state.sessions.values()].filter((session) => session.fieldSeen);
  must(state.leecherCount === told.filter((session) => !session.has.isFull).length, 'leechers are counted');
  let asked = 0;
  for (const session of state.sessions.values()) asked += session.requests.size;
  must(state.askedBlocks === asked, 'the blocks that are asked for are counted');
  if (state.paused) must(state.sessions.size === 0, 'a paused transfer keeps no connection');
  must(!state.refill && !state.rechoke && state.unsure.size === 0, 'nothing is left undone after an event');
}

function checkPiece(state: TransferState, piece: PieceIndex): void {
  const places =
    Number(state.have.has(piece)) +
    Number(state.open.has(piece)) +
    Number(state.availability.wanted.has(piece)) +
    Number(state.skipped.has(piece)) +
    Number(state.suspicion.retries.has(piece) && !state.open.has(piece));
  must(places === 1, 'piece', piece, 'is in exactly one place, not in', places);
  let having = 0;
  for (const session of state.sessions.values()) if (session.has.has(piece)) having++;
  must(state.availability.count(piece) === having, 'piece', piece, 'is counted', having, 'times');
}

function checkOrder(state: TransferState): void {
  const { availability } = state;
  const seen = new Set<PieceIndex>();
  for (let level = 0; level < availability.levelCount; level++) {
    for (let place = availability.levelStart(level); place < availability.levelStart(level + 1); place++) {
      const piece = availability.at(place);
      must(availability.wanted.has(piece), 'piece', piece, 'of the order is wanted');
      must(availability.partialCount(piece) === level, 'piece', piece, 'is in its level');
      seen.add(piece);
    }
  }
  must(seen.size === availability.wanted.count, 'every wanted piece is in the order');
}

/** How many connections each block is asked of. */
function askedCopies(state: TransferState): ReadonlyMap<BlockId, number> {
  const copies = new Map<BlockId, number>();
  for (const { requests } of state.sessions.values()) {
    for (const id of requests.ids()) copies.set(id, (copies.get(id) ?? 0) + 1);
  }
  return copies;
}

function checkAssembly(state: TransferState, assembly: PieceAssembly, copies: ReadonlyMap<BlockId, number>): void {
  const { piece } = assembly;
  const wholes = copies.get(wholeId(piece)) ?? 0;
  let arrived = 0;
  for (let ordinal = 0; ordinal < assembly.blockCount; ordinal++) {
    const sender = assembly.senders[ordinal];
    if (sender !== undefined) arrived++;
    const asked = (copies.get(blockId(piece, ordinal)) ?? 0) + wholes;
    must(assembly.copies[ordinal] === asked, 'block', piece, '/', ordinal, 'is asked of', asked, 'connections');
    must(sender === undefined || asked === 0, 'block', piece, '/', ordinal, 'is not asked for after it arrived');
    must(asked <= state.limits.endgameCopies, 'block', piece, '/', ordinal, 'is asked of few connections');
  }
  must(wholes === 0 || arrived === 0, 'of piece', piece, 'that is asked for in one request nothing has arrived');
  must(assembly.arrivedCount === arrived, 'arrived blocks of piece', piece, 'are counted');
  must((assembly.phase === 'filling') === arrived < assembly.blockCount, 'piece', piece, 'fills until it is whole');
  if (assembly.alone) must(assembly.members().size <= 1, 'piece', piece, 'comes from one member');
  const owner = assembly.owner === undefined ? undefined : state.sessions.get(assembly.owner);
  must((owner !== undefined) === (assembly.owner !== undefined), 'the owner of piece', piece, 'is connected');
  must(
    state.orphans.has(assembly) === (assembly.phase === 'filling' && owner === undefined),
    'piece',
    piece,
    ': orphan',
  );
  if (owner === undefined) return;
  must(owner.owned.includes(assembly), 'the owner of piece', piece, 'knows it');
  must(!owner.choking || isAsked(owner, piece), 'the owner of piece', piece, 'serves us or has blocks to come');
}

function isAsked(session: PeerSession, piece: PieceIndex): boolean {
  for (const id of session.requests.ids()) if (pieceOfBlock(id) === piece) return true;
  return false;
}

function checkSession(state: TransferState, session: PeerSession): void {
  const name = `connection ${session.peer}`;
  for (const owned of session.owned) must(owned.owner === session.peer, name, 'owns what it lists');
  let lacked = 0;
  let wanted = 0;
  for (const piece of state.geometry.pieces()) {
    if (!session.has.has(piece)) continue;
    if (state.lacks(piece)) lacked++;
    if (state.availability.wanted.has(piece)) wanted++;
  }
  must(session.lackedCount === lacked, name, 'counts', lacked, 'lacked pieces');
  must(session.wantedCount === wanted, name, 'counts', wanted, 'wanted pieces');
  if (session.wanted) must(lacked > 0, name, 'is of interest only for what we lack');
  else must(wanted === 0 || session.satisfied || session.requests.size > 0, name, 'is told our interest');
  for (const id of session.requests.ids()) {
    must(state.open.get(pieceOfBlock(id))?.phase === 'filling', name, 'is asked for blocks of filling pieces only');
  }
  if (session.claim !== undefined) {
    const assembly = state.open.get(pieceOfBlock(session.claim));
    const ordinal = isWholeId(session.claim) ? 0 : ordinalOfBlock(session.claim);
    must(assembly?.writer(ordinal) === session.peer, name, 'holds its claim');
  }
  checkUpload(state, session, name);
}

function checkUpload(state: TransferState, { upload, fast }: PeerSession, name: string): void {
  must(upload.servingBytes === sum(upload.serving), name, 'counts what it is served');
  must(upload.servingBytes <= state.limits.servedBytes, name, 'is served within bounds');
  must(upload.waitingBytes === sum(upload.waiting), name, 'counts what waits');
  must(upload.waiting.length <= state.limits.waitingRequests, name, 'waits within bounds');
  must(upload.waitingBytes <= state.limits.waitingBytes, name, 'waits for so many bytes at most');
  must(fast || !upload.choked || upload.waiting.length === 0, name, 'waits for nothing while choked');
  let handed = 0;
  for (const piece of upload.handed.values()) handed += piece.bytes;
  must(upload.handedBytes === handed, name, 'counts what was handed over');
  must(!upload.choked || upload.grantedBytes <= 0, name, 'is unchoked for what it is granted');
}

function sum(blocks: readonly { readonly lengthBytes: number }[]): number {
  let bytes = 0;
  for (const { lengthBytes } of blocks) bytes += lengthBytes;
  return bytes;
}
