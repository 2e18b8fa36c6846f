import { acceptLoss, lossIfAccepted } from './accept-loss.ts';
import { forgetBlob, lacksBlob, mayStoreBlob, missingBlobs, rememberBlob, unreferencedBlobs } from './blobs.ts';
import { certifiable } from './certifiable.ts';
import { changePassword, resetPassword } from './change-password.ts';
import { conflicts, nameLosers, ownConflicts } from './conflicts.ts';
import { createGroup } from './create-group.ts';
import { createUser, userCreated } from './create-user.ts';
import { decideRequest } from './decide-request.ts';
import { handOverGroup } from './hand-over-group.ts';
import { handOverKey, recentHandOvers } from './hand-overs.ts';
import { endIssuer, issuerFacts, issuersById, publishIssuer, retireIssuers } from './issuers.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { listDevices } from './list-devices.ts';
import { fileOf, findFile, listFiles, myShares } from './list-files.ts';
import { findGroup, listGroups, listMembers, listRequests } from './list-groups.ts';
import { logOut } from './log-out.ts';
import {
  credentialOf,
  deviceFacts,
  deviceProof,
  groupFacts,
  isKnownDevice,
  membersAmong,
  nameOf,
  rowCounts,
  storiesOf,
  totals,
} from './online.ts';
import { logInByDevice, logInByPassword, sessionOf } from './open-session.ts';
import { removeFile } from './remove-file.ts';
import { removeMember } from './remove-member.ts';
import { renameGroup, renameUser } from './rename.ts';
import { revocations } from './revoke.ts';
import { revokeDevice } from './revoke-device.ts';
import type { Decision } from './rule.ts';
import { settleName } from './settle-name.ts';
import { share } from './share.ts';
import { stopShare } from './stop-share.ts';
import { holderOf, takeRevocation } from './take-revocation.ts';

/** Commands of a logged-in user: each has one effect for one command id (once.ts). */
export const userCommands = {
  changePassword,
  createGroup,
  decideRequest,
  handOverGroup,
  joinGroup,
  leaveGroup,
  logOut,
  removeFile,
  removeMember,
  renameGroup,
  renameUser,
  revokeDevice,
  share,
  stopShare,
};

/** Commands of the tracker itself, and those that make a user or a session. */
export const trackerCommands = {
  acceptLoss,
  createUser,
  endIssuer,
  forgetBlob,
  handOverKey,
  logInByDevice,
  logInByPassword,
  publishIssuer,
  rememberBlob,
  resetPassword,
  retireIssuers,
  settleName,
  takeRevocation,
};

/** What a logged-in user may ask. */
export const userQueries = {
  certifiable,
  fileOf,
  findFile,
  findGroup,
  listDevices,
  listFiles,
  listGroups,
  listMembers,
  listRequests,
  mayStoreBlob,
  membersAmong,
  myShares,
  ownConflicts,
};

/** What the tracker asks itself. */
export const trackerQueries = {
  conflicts,
  credentialOf,
  deviceFacts,
  deviceProof,
  groupFacts,
  holderOf,
  issuerFacts,
  isKnownDevice,
  issuersById,
  lacksBlob,
  missingBlobs,
  lossIfAccepted,
  nameLosers,
  nameOf,
  recentHandOvers,
  revocations,
  rowCounts,
  sessionOf,
  storiesOf,
  totals,
  unreferencedBlobs,
  userCreated,
};

type Table = typeof userCommands & typeof trackerCommands & typeof userQueries & typeof trackerQueries;
export type OperationName = keyof Table;
export type OperationInput<K extends OperationName> = Parameters<Table[K]>[0];
type Returned<K extends OperationName> = Table[K] extends (...args: never[]) => Generator<infer _Y, infer R, infer _N>
  ? R
  : never;
export type OperationResult<K extends OperationName> = Returned<K> extends Decision<infer R> ? R : Returned<K>;
