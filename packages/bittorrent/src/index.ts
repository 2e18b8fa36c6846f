export { Bitfield } from './bitfield.ts';
export type { Brand } from './brand.ts';
export {
  EXTENSION_HANDSHAKE_ID,
  type ExtensionHandshake,
  encodeExtensionHandshake,
  parseExtensionHandshake,
} from './extended/extension-handshake.ts';
export { BLOCK_BYTES, type Block, Geometry, PIECE_BYTES, type PieceIndex } from './geometry.ts';
export { type GroupId, type InfoHash, parseGroupId, parseInfoHash } from './ids.ts';
export type { PeerMessage } from './messages.ts';
export { encodeInfo } from './metainfo/encode-info.ts';
export {
  type CommonInfo,
  type FileInfo,
  type FolderInfo,
  type Info,
  infoHashOf,
  METAINFO_LIMITS,
  MetainfoError,
  pieceHash,
  type ShareFile,
} from './metainfo/info.ts';
export { parseInfo } from './metainfo/parse-info.ts';
export { comparePaths } from './metainfo/share-paths.ts';
export { encodeTorrent } from './metainfo/torrent-file.ts';
export { checkPortableName, foldName } from './names/portable-name.ts';
export { encodeHandshake, HANDSHAKE_BYTES, type Handshake, HandshakeReader } from './wire/handshake.ts';
export { WireDecoder, type WireFeatures, type WireSink } from './wire/wire-decoder.ts';
export {
  encodeMessage,
  encodePieceHeader,
  messageBytes,
  PIECE_HEADER_BYTES,
  writeMessage,
  writePieceHeader,
} from './wire/wire-encode.ts';
export { WireError, type WireReason } from './wire/wire-error.ts';
