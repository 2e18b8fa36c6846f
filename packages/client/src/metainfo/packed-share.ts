import { createHash } from 'node:crypto';
import { type InfoHash, infoHashOf, MetainfoError, parseInfo } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract/bare';
import { type PackedFiles, ShareFiles } from '@peerage/storage';
import { chooseFiles } from './choose-files.ts';

/** What the metainfo of a share says, as it crosses between threads. */
export interface PackedShare {
  readonly name: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly pieceHashes: Uint8Array;
  readonly content:
    | { readonly kind: 'file'; readonly sha1: Uint8Array }
    | { readonly kind: 'folder'; readonly files: PackedFiles; readonly chosen: Uint8Array };
}

/** Parses metainfo; `only` are the patterns that choose files of a folder. PeerageError where it is another share's, or no metainfo. */
export function packShare(id: InfoHash, bytes: Uint8Array, only: readonly string[] | null): PackedShare {
  if (infoHashOf(bytes, (all) => createHash('sha1').update(all).digest()) !== id) {
    throw new PeerageError('integrity', 'the metainfo does not belong to this share: its SHA-1 is another one');
  }
  try {
    const info = parseInfo(bytes);
    const { name, group, geometry, pieceHashes } = info;
    const common = { name, group, sizeBytes: geometry.sizeBytes, pieceHashes };
    if (info.kind === 'file') return { ...common, content: { kind: 'file', sha1: info.sha1 } };
    const files = ShareFiles.of(info.files, info.emptyFolders);
    return { ...common, content: { kind: 'folder', files: files.packed, chosen: chooseFiles(files, only) } };
  } catch (error) {
    throw error instanceof MetainfoError ? new PeerageError(error.code, error.message) : error;
  }
}
