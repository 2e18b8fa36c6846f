import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { checkPortableName, encodeInfo, Geometry, type GroupId, infoHashOf, MetainfoError } from '@peerage/bittorrent';
import { type ControlParams, PeerageError, type RouteAnswer, type TrackerRoutes } from '@peerage/contract';
import { hashFile } from '@peerage/storage';
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
    if ((await stat(path)).isDirectory()) {
      throw new PeerageError(
        'not_yet',
        `'${path}' is a folder: sharing folders is not built yet, share its files one by one`,
      );
    }
    const name = nameOf(params.name ?? basename(path));
    const hashed = await hashFile(path, {
      ...(signal ? { signal: abortSignalOf(signal, 'interrupted: nothing was shared') } : {}),
      ...(onProgress
        ? {
            onProgress: (doneBytes: number, totalBytes: number) =>
              onProgress({ what: 'hashing', doneBytes, totalBytes }),
          }
        : {}),
    }).catch((error: unknown) => {
      throw asPeerageError(error, 'reading');
    });
    const geometry = new Geometry(hashed.sizeBytes);
    const info = infoBytes(name, group.id, geometry, hashed);
    const infoHash = infoHashOf(info, (bytes) => createHash('sha1').update(bytes).digest());
    const running = client.fetching.unfinished(infoHash);
    if (running) {
      throw new PeerageError(
        'download_exists',
        `'${running.name}' is being downloaded to '${running.destination}' here: it is shared as it comes in`,
      );
    }
    await client.link.call('putMetainfo', { params: { group: group.id, infoHash }, body: info });
    const { settled } = await client.sharing.add(
      {
        uid: account.uid,
        infoHash,
        gid: group.id,
        groupName: group.name,
        name,
        path,
        sizeBytes: hashed.sizeBytes,
        identity: JSON.stringify(hashed.identity),
        acknowledged: false,
        uploadedBytes: 0,
      },
      info,
      { seeding: false },
    );
    return {
      group: group.name,
      name,
      size: hashed.sizeBytes,
      pieces: geometry.pieceCount,
      sha1: Buffer.from(hashed.sha1).toString('hex'),
      settled,
    };
  },
};

/** The name to share under, refused before anything is hashed. */
function nameOf(wanted: string): string {
  const name = wanted.normalize('NFC'); // some systems list names taken apart
  const problem = checkPortableName(name);
  if (problem === undefined) return name;
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  throw new PeerageError('unsafe_name', `the name '${shown}' ${problem}: share it under another one with --name`);
}

function infoBytes(
  name: string,
  gid: string,
  geometry: Geometry,
  hashed: { pieceHashes: Uint8Array; sha1: Uint8Array },
): Uint8Array {
  try {
    return encodeInfo({
      kind: 'file',
      name,
      group: gid as GroupId, // a tracker's answer, parsed by the contract
      geometry,
      pieceHashes: hashed.pieceHashes,
      sha1: hashed.sha1,
    });
  } catch (error) {
    if (!(error instanceof MetainfoError)) throw error;
    throw new PeerageError(error.code, error.message);
  }
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
