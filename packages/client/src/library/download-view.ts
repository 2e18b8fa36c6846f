import type { Download, DownloadState } from '@peerage/contract';
import type { TransferSnapshot } from '../engine/engine-protocol.ts';
import { type DownloadReason, type DownloadRow, isInUse } from './download-rows.ts';
import type { ShareRow } from './share-rows.ts';

/** A download as the library has it, with what the engine told of it last. */
export interface Fetch {
  row: DownloadRow;
  snapshot: TransferSnapshot | undefined;
}

const stateOfPhase: Record<TransferSnapshot['phase'], DownloadState> = {
  fetching: 'D',
  verifying: 'V',
  paused: 'P',
  waiting: 'W',
  seeding: 'V', // every piece is here, `completed` is on its way
  failed: 'E',
};

const starting: DownloadReason = { code: 'no_seeders', message: 'looking for peers' };

/** It is being fetched, or what there is of it is served. */
export const isInEngine = (row: DownloadRow): boolean => isInUse(row) || row.state === 'paused';

/** A finished download is a share of this device from now on. */
export const shareOf = (row: DownloadRow, identity: string): ShareRow => ({
  uid: row.uid,
  infoHash: row.infoHash,
  gid: row.gid,
  groupName: row.groupName,
  name: row.name,
  path: row.destination,
  sizeBytes: row.sizeBytes,
  identity,
  acknowledged: false,
  ifListed: true,
  uploadedBytes: 0,
  files: row.folder?.files ?? null,
});

/** With what the engine told of it last. */
export const asFarAs = ({ row, snapshot }: Fetch): DownloadRow =>
  snapshot ? { ...row, doneBytes: snapshot.doneBytes, sources: snapshot.sources } : row;

export function viewOf({ row, snapshot }: Fetch): Download {
  const fixed: DownloadState | undefined =
    row.state === 'completed' ? 'C' : row.state === 'failed' ? 'E' : row.state === 'paused' ? 'P' : undefined;
  const state = fixed ?? (snapshot ? stateOfPhase[snapshot.phase] : 'W');
  const done = state === 'C' ? row.sizeBytes : (snapshot?.doneBytes ?? row.doneBytes);
  const doneFiles = state === 'C' ? (row.folder?.chosenFiles ?? 0) : (snapshot?.files?.done ?? 0);
  const rate = state === 'D' ? (snapshot?.downBytesPerSecond ?? 0) : 0;
  return {
    id: row.id,
    state,
    group: row.groupName,
    file: row.name,
    destination: row.destination,
    size: row.sizeBytes,
    ...(row.folder && { files: { done: doneFiles, chosen: row.folder.chosenFiles, all: row.folder.files } }),
    done,
    rate,
    eta: rate > 0 ? (row.sizeBytes - done) / rate : null,
    peers: fixed ? 0 : (snapshot?.usefulPeers ?? 0),
    // What is finished is told by its share: the last word on the download is no rate of now.
    up_rate: isInEngine(row) ? Math.round(snapshot?.upBytesPerSecond ?? 0) : 0,
    uploaded: snapshot?.uploadedBytes ?? 0,
    availability: fixed ? null : (snapshot?.copies ?? null),
    // A failure is in the snapshot a moment before it is in the row.
    reason: row.reason ?? (state === 'W' ? (snapshot?.reason ?? starting) : state === 'E' ? snapshot!.reason : null),
    sources: [...(row.state === 'completed' ? row.sources : (snapshot?.sources ?? row.sources))],
  };
}
