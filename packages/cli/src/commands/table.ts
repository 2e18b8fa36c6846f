import { PeerageError } from '@peerage/contract';
import { clean } from '../render/clean.ts';
import { acceptRequest } from './accept-request.ts';
import { activity } from './activity.ts';
import { cancelDownload } from './cancel-download.ts';
import type { Command } from './command.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { devices } from './devices.ts';
import { downloadFile } from './download-file.ts';
import { exit } from './exit.ts';
import { handOver } from './hand-over.ts';
import { help } from './help.ts';
import { invite } from './invite.ts';
import { join } from './join.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { limit } from './limit.ts';
import { listFiles } from './list-files.ts';
import { listGroups } from './list-groups.ts';
import { listMembers } from './list-members.ts';
import { listRequests } from './list-requests.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { open } from './open.ts';
import { passwd } from './passwd.ts';
import { pauseDownload } from './pause-download.ts';
import { rejectRequest } from './reject-request.ts';
import { removeFile } from './remove-file.ts';
import { removeMember } from './remove-member.ts';
import { renameGroup } from './rename-group.ts';
import { renameUser } from './rename-user.ts';
import { resumeDownload } from './resume-download.ts';
import { revokeDevice } from './revoke-device.ts';
import { shares } from './shares.ts';
import { showDownloads } from './show-downloads.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { stopShare } from './stop-share.ts';
import { nearest } from './suggest.ts';
import { trackers } from './trackers.ts';
import { uploadFile } from './upload-file.ts';
import { verify } from './verify.ts';
import { wait } from './wait.ts';
import { whoami } from './whoami.ts';
import { why } from './why.ts';

/** Every command, in the order in which help and the reference page show them. */
export const commands: readonly Command[] = [
  createUser,
  login,
  logout,
  passwd,
  createGroup,
  joinGroup,
  invite,
  join,
  leaveGroup,
  listGroups,
  listRequests,
  acceptRequest,
  rejectRequest,
  listMembers,
  removeMember,
  handOver,
  uploadFile,
  listFiles,
  downloadFile,
  showDownloads,
  pauseDownload,
  resumeDownload,
  cancelDownload,
  wait,
  why,
  verify,
  stopShare,
  shares,
  removeFile,
  activity,
  renameUser,
  renameGroup,
  devices,
  revokeDevice,
  whoami,
  status,
  trackers,
  open,
  limit,
  stop,
  help(() => commands, findCommand),
  exit,
];

const byWord = new Map(commands.flatMap((entry) => [entry.name, ...entry.aliases].map((word) => [word, entry])));

/** The command of that name, or the one that was probably meant. */
export const nearestCommand = (word: string): Command | undefined => {
  const name = nearest(word, [...byWord.keys()]);
  return name === undefined ? undefined : byWord.get(name);
};

/** `usage` with a suggestion where there is no such command. */
export function findCommand(word: string): Command {
  const entry = byWord.get(word);
  if (entry) return entry;
  const meant = nearestCommand(word);
  const shown = clean(word.length > 40 ? `${word.slice(0, 40)}…` : word);
  throw new PeerageError(
    'usage',
    `there is no command '${shown}'${meant ? `, did you mean ${meant.name}?` : ''}: help lists all commands`,
  );
}
