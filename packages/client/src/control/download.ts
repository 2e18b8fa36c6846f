import { resolve } from 'node:path';
import type { InfoHash } from '@peerage/bittorrent';
import { type ControlParams, PeerageError, type RouteAnswer, type TrackerRoutes } from '@peerage/contract';
import { copyFolderVerified, copyVerified, resolveDestination } from '@peerage/storage';
import type { DownloadRow, FolderChoice } from '../library/download-rows.ts';
import type { ShareRow } from '../library/share-rows.ts';
import { readShare, type ShareInfo } from '../metainfo/read-share.ts';
import { asPeerageError } from '../store-errors.ts';
import { groupNamed } from './groups.ts';
import type { Client, Handlers } from './handler.ts';

type FileRow = RouteAnswer<TrackerRoutes['findFile']>;
type Answer = { id: string; destination: string; files?: { chosen: number; all: number } };

/** Something of the catalogue with its metainfo, and what is wanted of it. */
interface Wanted {
  readonly entry: FileRow;
  readonly gid: string;
  readonly groupName: string;
  readonly bytes: Uint8Array;
  readonly info: ShareInfo;
  readonly only: readonly string[] | null;
}

export const downloadFileCommands: Handlers<'download_file'> = {
  async download_file(client, params) {
    client.session.required();
    const wanted = await wantedOf(client, params);
    const begins = await client.turns.take(wanted.entry.infoHash, () => begun(client, wanted, params));
    // A copy of what is here takes as long as it takes, and nothing waits for it.
    return 'copyTo' in begins ? copied(client, begins.share, wanted, begins.copyTo) : begins;
  },
};

/** In the content's turn: what is downloaded, copied, or extended now. */
async function begun(
  client: Client,
  wanted: Wanted,
  params: ControlParams<'download_file'>,
): Promise<Answer | { share: ShareRow; copyTo: string }> {
  const { fetching, sharing, library, session } = client;
  const account = session.required();
  const known = fetching.known.ofContent(wanted.entry.infoHash);
  if (known && (await goesTo(known, wanted, params))) return extended(client, known, wanted);
  const running = fetching.known.unfinished(wanted.entry.infoHash);
  if (running) throw isRunning(running);
  const path = await destinationOf(wanted, params);
  if (sharing.known.isOffered(wanted.entry.infoHash)) {
    await refuseTaken(client, path);
    return { share: library.shares.find(account.uid, wanted.entry.infoHash)!, copyTo: path };
  }
  if (known && isServed(known)) await fetching.withdraw(known); // one download of a content at a time is served
  await refuseTaken(client, path);
  const row = await fetching.add(rowOf(wanted, path), wanted.bytes);
  void client.peerLists.refresh({ gid: row.gid, infoHash: row.infoHash });
  return answerOf(row);
}

async function refuseTaken({ fetching }: Client, path: string): Promise<void> {
  const other = await fetching.known.writesTo(path);
  if (!other) return;
  throw new PeerageError(
    'download_exists',
    `'${other.name}' is being downloaded to '${other.destination}': choose another name`,
  );
}

async function wantedOf(client: Client, params: ControlParams<'download_file'>): Promise<Wanted> {
  const name = params.file.normalize('NFC');
  const only = params.only ?? null;
  const group = await groupNamed(client, params.group);
  const entry = await client.link.call('findFile', { params: { group: group.id }, query: { name } });
  if (only !== null && entry.folderFiles === undefined) {
    throw new PeerageError('usage', `'${name}' is one file: --only chooses files of a folder`);
  }
  const bytes = await client.link.call('getMetainfo', { params: { group: group.id, infoHash: entry.infoHash } });
  const info = await readShare(entry.infoHash as InfoHash, bytes, only);
  if (info.kind === 'folder' && only !== null && !info.chosen.includes(1)) {
    throw new PeerageError('no_such_file', `no file of '${name}' fits ${only.map((one) => `'${one}'`).join(', ')}`);
  }
  return { entry, gid: group.id, groupName: group.name, bytes, info, only };
}

/** More of a folder, to where it goes or went already. */
async function goesTo(row: DownloadRow, wanted: Wanted, params: ControlParams<'download_file'>): Promise<boolean> {
  if (row.folder === null || (row.state === 'completed' && !row.folder.isServed)) return false;
  if (resolve(params.cwd, params.destination) === row.destination) return true;
  return (await destinationOf(wanted, params)) === row.destination;
}

async function extended(client: Client, row: DownloadRow, { info, only, bytes, entry }: Wanted): Promise<Answer> {
  const before = row.folder!.only;
  const both = before === null || only === null ? null : [...new Set([...before, ...only])];
  const share = both === only ? info : await readShare(entry.infoHash as InfoHash, bytes, both);
  const choice = choiceOf(share, both)!;
  if (choice.chosenFiles > row.folder!.chosenFiles) {
    const wider = await client.fetching.extend(row, chosenBytes(share), choice);
    void client.peerLists.refresh({ gid: wider.gid, infoHash: wider.infoHash });
    return answerOf(wider);
  }
  if (row.state !== 'completed') throw isRunning(row);
  return answerOf(row); // all of that is here
}

/** This device has the content: a checked copy, not a download from itself. */
async function copied(client: Client, share: ShareRow, wanted: Wanted, path: string): Promise<Answer> {
  const { info, entry } = wanted;
  const copying =
    info.kind === 'folder'
      ? copyFolderVerified({ ...info, source: share.path, identity: share.identity, destination: path })
      : copyVerified(share.path, path, Buffer.from(entry.sha1, 'hex'));
  await copying.catch((error: unknown) => {
    throw asPeerageError(error, 'writing');
  });
  return client.turns.take(entry.infoHash, async () => {
    client.session.required(); // who logged out meanwhile has the copy, and no line of it
    const row = client.fetching.addCompleted({ ...rowOf(wanted, path), state: 'completed', reason: null, sources: [] });
    return answerOf(row);
  });
}

function destinationOf({ entry, info }: Wanted, params: ControlParams<'download_file'>): Promise<string> {
  return resolveDestination(resolve(params.cwd, params.destination), entry.name, info.kind).catch((error: unknown) => {
    throw asPeerageError(error, 'writing');
  });
}

const rowOf = ({ entry, gid, groupName, info, only }: Wanted, destination: string) => ({
  infoHash: entry.infoHash,
  gid,
  groupName,
  name: entry.name,
  destination,
  sizeBytes: chosenBytes(info),
  folder: choiceOf(info, only),
});

function choiceOf(info: ShareInfo, only: readonly string[] | null): FolderChoice | null {
  if (info.kind === 'file') return null;
  const chosenFiles = info.chosen.reduce((sum, one) => sum + one, 0);
  return {
    only: chosenFiles === info.files.count ? null : only,
    chosenFiles,
    files: info.files.count,
    isServed: false,
  };
}

function chosenBytes(info: ShareInfo): number {
  if (info.kind === 'file') return info.geometry.sizeBytes;
  let bytes = 0;
  for (let file = 0; file < info.files.count; file++) if (info.chosen[file]) bytes += info.files.sizeOf(file);
  return bytes;
}

const isServed = (row: DownloadRow): boolean => row.state === 'completed' && row.folder?.isServed === true;

const answerOf = ({ id, destination, folder }: DownloadRow): Answer => ({
  id,
  destination,
  ...(folder && { files: { chosen: folder.chosenFiles, all: folder.files } }),
});

const isRunning = (row: DownloadRow): PeerageError =>
  new PeerageError(
    'download_exists',
    `'${row.name}' is being downloaded to '${row.destination}' already: show_downloads shows it, cancel_download ends it`,
  );
