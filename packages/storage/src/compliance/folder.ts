import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Geometry } from '@peerage/bittorrent';
import type { FolderDownload } from '../folder/folder-download.ts';
import type { FolderPlan } from '../folder/folder-plan.ts';
import { ShareFiles } from '../folder/share-files.ts';
import { pieceHashesOf, pieceOf } from './content.ts';

const sha1Of = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();

/** Cuts content into files of these sizes, the rest into a last one; every third lies in a folder of its own. */
export function filesOf(content: Uint8Array, sizes: readonly number[]): ShareFiles {
  const cut: { path: string[]; sizeBytes: number; sha1: Uint8Array }[] = [];
  let at = 0;
  for (const wanted of [...sizes, content.length]) {
    const sizeBytes = Math.min(wanted, content.length - at);
    const name = String(cut.length).padStart(4, '0');
    const path = cut.length % 3 === 2 ? [name, 'in', 'it'] : [name];
    cut.push({ path, sizeBytes, sha1: sha1Of(content.subarray(at, at + sizeBytes)) });
    at += sizeBytes;
  }
  return ShareFiles.of(cut, [['empty', 'folder']]);
}

export const bytesOf = (content: Uint8Array, files: ShareFiles, file: number): Uint8Array =>
  content.subarray(files.offsetOf(file), files.offsetOf(file) + files.sizeOf(file));

/** Writes the files of a share below a folder. */
export async function writeFolder(root: string, content: Uint8Array, files: ShareFiles): Promise<void> {
  for (let file = 0; file < files.count; file++) {
    const path = join(root, files.path(file));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytesOf(content, files, file));
  }
  for (const folder of files.emptyFolders) await mkdir(join(root, folder), { recursive: true });
}

/** A download of all files, or of those chosen; its journal beside the folder. */
export function folderPlan(
  content: Uint8Array,
  files: ShareFiles,
  destination: string,
  chosen?: readonly number[],
): FolderPlan {
  const geometry = new Geometry(content.length);
  return {
    infoHash: '0123456789abcdef0123456789abcdef01234567',
    geometry,
    files,
    chosen: Uint8Array.from({ length: files.count }, (_, file) =>
      chosen === undefined || chosen.includes(file) ? 1 : 0,
    ),
    destination,
    journal: `${destination}.journal`,
    pieceHash: pieceHashesOf(content, geometry),
  };
}

/** Writes every piece that is lacked and not skipped. */
export async function writeLacked(store: FolderDownload, content: Uint8Array): Promise<number[]> {
  const skip = store.skip();
  const written: number[] = [];
  for (const piece of store.geometry.pieces()) {
    if (store.have.has(piece) || skip.has(piece)) continue;
    await store.writePiece(piece, pieceOf(content, store.geometry, piece));
    written.push(piece);
  }
  return written;
}
