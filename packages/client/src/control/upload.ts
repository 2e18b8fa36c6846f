import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { checkPortableName, encodeInfo, Geometry, type GroupId, infoHashOf, MetainfoError } from '@peerage/bittorrent';
import {
  type ControlParams,
  type ControlResult,
  PeerageError,
  type RouteAnswer,
  type TrackerRoutes,
} from '@peerage/contract';
import { type HashOptions, hashFile, hashFolder } from '@peerage/storage';
import type { ShareRow } from '../library/share-rows.ts';
import { asPeerageError } from '../store-errors.ts';
import { groupNamed } from './groups.ts';
import type { Client, Handlers } from './handler.ts';
import { abortSignalOf } from './interrupt.ts';

type GroupRow = RouteAnswer<TrackerRoutes['findGroup']>;
type Upload = ControlParams<'upload_file'>;
interface Reading {
  readonly path: string;
  readonly group: GroupRow;
}

/** Longer words are paths: no tracker is asked for a group of that name. */
const MOST_NAME_CHARACTERS = 1024;

export const uploadCommands: Handlers<'upload_file'> = {
  async upload_file(client, params, { signal, onProgress }) {
    const account = client.session.required();
    const { path, group } = await readWords(client, params);
    if (group.standing !== 'owner' && group.standing !== 'member') {
      // The tracker words the refusal: it knows since when a request is pending.
      await client.link.call('listFiles', { params: { group: group.id } });
    }
    const name = nameOf(params.name ?? basename(path));
    const hashed = await readAll(path, name, group.id, {
      ...(signal ? { signal: abortSignalOf(signal, 'interrupted: nothing was shared') } : {}),
      ...(onProgress
        ? {
            onProgress: (doneBytes: number, totalBytes: number) =>
              onProgress({ what: 'hashing', doneBytes, totalBytes }),
          }
        : {}),
    }).catch((error: unknown) => {
      throw error instanceof MetainfoError
        ? new PeerageError(error.code, error.message)
        : asPeerageError(error, 'reading');
    });
    const { info, geometry } = hashed;
    const infoHash = infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest());
    const row: ShareRow = {
      uid: account.uid,
      infoHash,
      gid: group.id,
      groupName: group.name,
      name,
      path,
      sizeBytes: geometry.sizeBytes,
      identity: hashed.identity,
      acknowledged: false,
      ifListed: false,
      uploadedBytes: 0,
      files: hashed.folder?.files ?? null,
    };
    const { settled } = await client.turns.take(infoHash, () => share(client, row, info));
    return {
      group: group.name,
      name,
      size: geometry.sizeBytes,
      pieces: geometry.pieceCount,
      sha1: hashed.sha1 ?? infoHash,
      ...hashed.folder,
      settled,
    };
  },
};

/** In the content's turn. */
async function share({ session, fetching, link, sharing }: Client, row: ShareRow, info: Uint8Array) {
  const { infoHash, gid, uid } = row;
  if (session.required().uid !== uid) {
    throw new PeerageError('not_logged_in', 'another user logged in meanwhile: nothing was shared');
  }
  const running = fetching.known.ofContent(infoHash);
  if (running && running.state !== 'completed') {
    throw new PeerageError(
      'download_exists',
      `'${running.name}' is being downloaded to '${running.destination}' here: it is shared as it comes in`,
    );
  }
  await link.call('putMetainfo', { params: { group: gid, infoHash }, body: info });
  if (running?.folder?.isServed) await fetching.withdraw(running); // all of it is offered from now on
  return sharing.add(row, info, { seeding: false });
}

interface Hashed {
  readonly info: Uint8Array;
  readonly geometry: Geometry;
  readonly identity: string;
  /** Of a file, hex. */
  readonly sha1?: string;
  readonly folder?: Pick<ControlResult<'upload_file'>, 'renamed' | 'links'> & { readonly files: number };
}

/** More is not told: whoever has so many knows them. */
const MOST_TOLD = 1000;

/** Reads all of a file or folder. Rejects with StoreError, MetainfoError. */
async function readAll(path: string, name: string, gid: string, options: HashOptions): Promise<Hashed> {
  const group = gid as GroupId; // a tracker's answer, parsed by the contract
  if (!(await stat(path)).isDirectory()) {
    const { sizeBytes, pieceHashes, sha1, identity } = await hashFile(path, options);
    const geometry = new Geometry(sizeBytes);
    return {
      info: encodeInfo({ kind: 'file', name, group, geometry, pieceHashes, sha1 }),
      geometry,
      identity: JSON.stringify(identity),
      sha1: Buffer.from(sha1).toString('hex'),
    };
  }
  const { geometry, pieceHashes, files, emptyFolders, identity, renamed, links } = await hashFolder(path, options);
  return {
    info: encodeInfo({ kind: 'folder', name, group, geometry, pieceHashes, files, emptyFolders }),
    geometry,
    identity,
    folder: {
      files: files.length,
      renamed: renamed.slice(0, MOST_TOLD).map((one) => ({ path: one.diskPath, name: one.name })),
      links: links.slice(0, MOST_TOLD),
    },
  };
}

/** The name to share under, refused before anything is hashed. */
function nameOf(wanted: string): string {
  const name = wanted.normalize('NFC'); // some systems list names taken apart
  const problem = checkPortableName(name);
  if (problem === undefined) return name;
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  throw new PeerageError('unsafe_name', `the name '${shown}' ${problem}: share it under another one with --name`);
}

/** Which word is the path and which the group: the reading whose group exists and whose path exists (commands.md, `upload_file`). */
async function readWords(client: Client, params: Upload): Promise<Reading> {
  const { words, cwd } = params;
  const candidates: { path: string; group: string }[] = words
    ? [
        { path: words[0], group: words[1] },
        { path: words[1], group: words[0] },
      ]
    : [{ path: params.path ?? '', group: params.group ?? '' }];
  const readings = await Promise.all(
    candidates.map(async (candidate) => {
      const path = resolve(cwd, candidate.path);
      return {
        ...candidate,
        path,
        pathProblem: await problemWithPath(path),
        group: await knownGroup(client, candidate.group),
      };
    }),
  );
  const whole = readings.filter(({ group, pathProblem }) => !(group instanceof PeerageError) && !pathProblem);
  if (whole.length > 1) {
    throw new PeerageError(
      'usage',
      `both '${words![0]}' and '${words![1]}' name a file and a group: say which is which with --file <path> --group <group_id>`,
    );
  }
  const best = whole[0] ?? readings.find(({ group }) => !(group instanceof PeerageError)) ?? readings[0]!;
  if (best.group instanceof PeerageError) throw best.group;
  if (best.pathProblem) throw best.pathProblem;
  return { path: best.path, group: best.group };
}

async function problemWithPath(path: string): Promise<PeerageError | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile() || found.isDirectory()) return undefined;
    return new PeerageError('path_not_readable', `'${path}' is neither a file nor a folder: choose a file`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
      ? new PeerageError('path_not_readable', `'${path}' can't be read: permission denied`)
      : new PeerageError('path_not_found', `there is no file or folder '${path}': check the path`);
  }
}

/** The group, or the refusal as a value: another reading may be the right one. */
async function knownGroup(client: Client, name: string): Promise<GroupRow | PeerageError> {
  if (name.length > MOST_NAME_CHARACTERS) {
    return new PeerageError('no_such_group', 'a path is no group: list_groups shows which groups there are');
  }
  try {
    return await groupNamed(client, name);
  } catch (error) {
    if (
      error instanceof PeerageError &&
      (error.code === 'no_such_group' || error.code === 'bad_name' || error.code === 'protocol')
    )
      return error;
    throw error;
  }
}
