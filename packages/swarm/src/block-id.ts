import { BLOCK_BYTES, type Block, type Geometry, PIECE_BYTES, type PieceIndex } from '@peerage/bittorrent';

/** At the most. */
const BLOCKS_PER_PIECE = PIECE_BYTES / BLOCK_BYTES;

/** One number for what one request asks for: a block of the share, or below 0 a whole piece of several blocks. What tables of requests are keyed by. */
export type BlockId = number;

export function blockId(piece: PieceIndex, ordinal: number): BlockId {
  return piece * BLOCKS_PER_PIECE + ordinal;
}

/** For all blocks of the piece in one request. */
export function wholeId(piece: PieceIndex): BlockId {
  return -1 - piece;
}

export function isWholeId(id: BlockId): boolean {
  return id < 0;
}

export function pieceOfBlock(id: BlockId): PieceIndex {
  return (isWholeId(id) ? -1 - id : Math.floor(id / BLOCKS_PER_PIECE)) as PieceIndex;
}

/** Not of a whole piece. */
export function ordinalOfBlock(id: BlockId): number {
  return id % BLOCKS_PER_PIECE;
}

/** How many blocks the request asks for. */
export function blocksOf(geometry: Geometry, id: BlockId): number {
  return isWholeId(id) ? geometry.blockCount(pieceOfBlock(id)) : 1;
}

/** The range that the request asks for. */
export function rangeOf(geometry: Geometry, id: BlockId): Block {
  const piece = pieceOfBlock(id);
  if (!isWholeId(id)) return geometry.blockAt(piece, ordinalOfBlock(id))!;
  return { piece, offsetBytes: 0, lengthBytes: geometry.pieceLengthBytes(piece) };
}

/** The number of a block cut as {@link Geometry.blockAt} cuts, or of a whole piece; undefined for any other range. */
export function idOfBlock(geometry: Geometry, block: Block): BlockId | undefined {
  const rest = geometry.pieceLengthBytes(block.piece) - block.offsetBytes;
  if (block.lengthBytes > geometry.blockBytes) {
    return block.offsetBytes === 0 && block.lengthBytes === rest ? wholeId(block.piece) : undefined;
  }
  const ordinal = block.offsetBytes / geometry.blockBytes;
  if (!Number.isInteger(ordinal)) return undefined;
  return block.lengthBytes === Math.min(geometry.blockBytes, rest) ? blockId(block.piece, ordinal) : undefined;
}
