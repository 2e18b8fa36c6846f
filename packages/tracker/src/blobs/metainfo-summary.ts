import { readFileSync } from 'node:fs';
import { MetainfoError, parseInfo } from '@peerage/bittorrent';
import { PeerageError } from '@peerage/contract';

/** What the catalogue keeps of metainfo. */
export interface MetainfoSummary {
  readonly name: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly pieces: number;
  /** Of a file's bytes; null for a folder, whose files have one each. */
  readonly sha1: string | null;
  /** Files of a folder; absent where it is one file. */
  readonly files?: number;
}

/** Parses metainfo from a file; throws PeerageError for what is none. Takes up to seconds for the largest. */
export function summarize(path: string): MetainfoSummary {
  try {
    const info = parseInfo(readFileSync(path));
    const { sizeBytes, pieceCount: pieces } = info.geometry;
    const common = { name: info.name, group: info.group, sizeBytes, pieces };
    return info.kind === 'file'
      ? { ...common, sha1: Buffer.from(info.sha1).toString('hex') }
      : { ...common, sha1: null, files: info.files.length };
  } catch (error) {
    if (error instanceof MetainfoError) throw new PeerageError(error.code, `that is no metainfo: ${error.message}`);
    throw error;
  }
}
