import { stat } from 'node:fs/promises';
import {
  FolderSource,
  identityOf,
  lookAtFolder,
  type PieceStore,
  SourceStore,
  StoreError,
  verifyFile,
  verifyFolder,
} from '@peerage/storage';
import type { ShareInfo } from '../metainfo/read-share.ts';

/** What a read of a source found. */
export interface Verified {
  /** What the source is now, as text. */
  readonly identity: string;
  readonly readPieces: number;
  /** The sentence on what is wrong, where something is. */
  readonly wrong: { readonly pieces: readonly number[]; readonly message: string } | undefined;
}

interface VerifyOptions {
  readonly all: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** A complete file or folder that is shared, as the source (source.ts) sees it. Failures are StoreError. */
export interface SourceContent {
  /** What it is now, as text that stays the same as long as nothing changes; 'changed' where that can't be right. */
  look(known: string): Promise<string>;
  open(identity: string): Promise<PieceStore & { check(): Promise<void> }>;
  /** Reads again what is not as it was known; `all`: everything. */
  verify(known: string, options: VerifyOptions): Promise<Verified>;
}

export const sourceContent = (path: string, info: ShareInfo): SourceContent =>
  info.kind === 'file' ? fileContent(path, info) : folderContent(path, info);

function fileContent(path: string, info: Extract<ShareInfo, { kind: 'file' }>): SourceContent {
  const { geometry, pieceHashes } = info;
  return {
    async look() {
      const found = identityOf(await statOf(path));
      if (found.sizeBytes !== geometry.sizeBytes) throw changed(path);
      return JSON.stringify(found);
    },
    open: (identity) => SourceStore.open(path, geometry, { expected: JSON.parse(identity) }),
    async verify(_known, { signal, onProgress }) {
      const options = { signal, ...(onProgress && { onProgress }) };
      const { have, identity } = await verifyFile(path, geometry, pieceHashes, options);
      const pieces = [...geometry.pieces()].filter((piece) => !have.has(piece));
      const wrong = pieces.length === 0 ? undefined : { pieces, message: changed(path).message };
      return { identity: JSON.stringify(identity), readPieces: geometry.pieceCount, wrong };
    },
  };
}

function folderContent(root: string, info: Extract<ShareInfo, { kind: 'folder' }>): SourceContent {
  const { files, geometry, pieceHashes } = info;
  const gone = (error: unknown): never => {
    if (!(error instanceof StoreError) || error.failure !== 'missing') throw error;
    const message = `${error.message.replace(/: check the path$/, '')} any more: put it back, or upload the folder anew`;
    throw new StoreError('missing', message, { cause: error });
  };
  return {
    look: (known) => lookAtFolder({ root, files, known }).catch(gone),
    async open(expected) {
      const store = new FolderSource({ root, files, geometry, expected });
      try {
        await store.check();
        return store;
      } catch (error) {
        await store.close();
        return gone(error);
      }
    },
    async verify(known, options) {
      const folder = { root, files, geometry, pieceHashes, known };
      const { wrong, ...found } = await verifyFolder(folder, options).catch(gone);
      return { ...found, wrong: wrong && { pieces: wrong.pieces, message: changed(wrong.path).message } };
    },
  };
}

function statOf(path: string) {
  return stat(path, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    throw isMissing
      ? new StoreError('missing', `'${path}' is not there any more: put it back, or upload it from where it is now`, {
          cause,
        })
      : new StoreError(
          'permission',
          `'${path}' can not be looked at (${cause.code}): change the permissions of its folder`,
          { cause },
        );
  });
}

export const changed = (path: string): StoreError =>
  new StoreError('changed', `'${path}' is no longer what was shared: put the old file back, or upload the new one`);
