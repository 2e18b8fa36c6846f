import type { Geometry, PieceIndex } from '../geometry.ts';
import { toHex } from '../hex.ts';
import type { GroupId, InfoHash } from '../ids.ts';

export const SHA1_BYTES = 20;

/** The numbers of docs/spec/metainfo.md, "Limits". */
export const METAINFO_LIMITS = {
  infoBytes: 64 * 1024 * 1024,
  /** A folder's file takes 8 tokens and one more for each folder above it. The parser builds no tree of them. */
  tokens: 4_000_000,
  shareBytes: 16 * 2 ** 40,
  /** Files and listed empty folders of a folder share. */
  entries: 200_000,
  pathDepth: 32,
  pathBytes: 1024,
} as const;

/** What a file's and a folder's metainfo say alike. */
export interface CommonInfo {
  /** What the share is called: of the file, or of the folder. */
  readonly name: string;
  readonly group: GroupId;
  /** Of all bytes of the share, the files of a folder one behind the other. */
  readonly geometry: Geometry;
  /** SHA-1 of every piece, 20 bytes each (see {@link pieceHash}). */
  readonly pieceHashes: Uint8Array;
}

export interface FileInfo extends CommonInfo {
  readonly kind: 'file';
  /** SHA-1 of the whole file (BEP 47), 20 bytes. */
  readonly sha1: Uint8Array;
}

export interface ShareFile {
  /** Components below the shared folder, at least one. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  /** SHA-1 of the whole file (BEP 47), 20 bytes. */
  readonly sha1: Uint8Array;
}

export interface FolderInfo extends CommonInfo {
  readonly kind: 'folder';
  /** In the order of {@link comparePaths}, which is also the order of their bytes in the pieces. */
  readonly files: readonly ShareFile[];
  /** Folders that nothing lies in, in the same order. */
  readonly emptyFolders: readonly (readonly string[])[];
}

/** What an info dictionary says. The byte arrays of a parsed one are views of the bytes parsed. */
export type Info = FileInfo | FolderInfo;

/** An info dictionary that is refused. `code` is one of the product's error codes. */
export class MetainfoError extends Error {
  readonly code: 'protocol' | 'unsafe_name' | 'limit';

  constructor(code: MetainfoError['code'], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'MetainfoError';
    this.code = code;
  }
}

/** The SHA-1 that a piece must have: a view, 20 bytes. */
export function pieceHash(info: Pick<CommonInfo, 'pieceHashes'>, piece: PieceIndex): Uint8Array {
  return info.pieceHashes.subarray(piece * SHA1_BYTES, (piece + 1) * SHA1_BYTES);
}

/** The name of a share in trackers, handshakes and catalogues: SHA-1 over the bytes of its info dictionary (BEP 3). */
export function infoHashOf(infoBytes: Uint8Array, sha1: (bytes: Uint8Array) => Uint8Array): InfoHash {
  return toHex(sha1(infoBytes)) as InfoHash;
}
