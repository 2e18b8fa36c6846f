import type { Geometry } from '@peerage/bittorrent';
import type { PieceCheck } from '../download/reread.ts';
import type { FolderDisk } from './folder-disk.ts';
import type { ShareFiles } from './share-files.ts';

export interface FolderPlan extends PieceCheck {
  /** 40 hex digits. */
  readonly infoHash: string;
  readonly geometry: Geometry;
  readonly files: ShareFiles;
  /** 1 for each file that is wanted. */
  readonly chosen: Uint8Array;
  /** Absolute path of the folder to be, in an existing folder; it may exist, and hold other things. */
  readonly destination: string;
  /** Absolute path of the journal, in an existing folder; one download, one journal. */
  readonly journal: string;
  /** A file under its final name that turns out to be wrong is taken back and mended, instead of being refused. */
  readonly repair?: boolean;
  /** The real one where left out. */
  readonly disk?: FolderDisk;
}

/** What a file of the share is to a download: not chosen, chosen and not whole, under its final name. */
export const FILE = { skipped: 0, part: 1, named: 2 } as const;

export interface FolderProgress {
  readonly chosenBytes: number;
  /** Of the chosen files: stored and verified. */
  readonly doneBytes: number;
  readonly chosenFiles: number;
  /** Chosen files under their final names. */
  readonly doneFiles: number;
  readonly files: number;
}
