export {
  encodeHandOvers,
  HAND_OVERS_OID,
  handOverLimits,
  handOverStatement,
  KeyHandOver,
  parseHandOvers,
} from './certificates/key-hand-over.ts';
export {
  type CertifiedMembership,
  encodeMembership,
  MEMBERSHIP_OID,
  parseMembership,
} from './certificates/membership.ts';
export {
  encodeRevocations,
  parseRevocations,
  REVOCATION_BYTES,
  revocationStatement,
} from './certificates/revocation.ts';
export { ANSWER_LINES, type AnswerLine } from './control-api/answer-lines.ts';
export { type ControlRequest, createControlClient, type SendControlRequest } from './control-api/client.ts';
export { Download, DownloadState } from './control-api/commands/downloads.ts';
export type { ActivityEntry } from './control-api/commands/looking.ts';
export { Share } from './control-api/commands/sharing.ts';
export { type ControlName, type ControlParams, type ControlResult, controlCommands } from './control-api/commands.ts';
export * from './control-api/events.ts';
export type { AbortSignalLike, CallOptions, ControlApi } from './control-api/facade.ts';
export { controlRoutes } from './control-api/routes.ts';
export { stateWords } from './control-api/state-words.ts';
export { errorFromWire, PeerageError } from './errors/peerage-error.ts';
export { type ErrorCode, type ErrorRow, errorTable } from './errors/table.ts';
export type { ApiAnswer, ApiCallOptions, ApiRequest, SendApiRequest } from './http-api/call-route.ts';
export { openApiOf } from './http-api/openapi.ts';
export type { Route, RouteAnswer, RouteInput, RouteTable } from './http-api/route.ts';
export {
  CHANNEL_EXPORTER,
  type Channel,
  createStatement,
  devicePreimage,
  deviceStatement,
  foldName,
  type IdKind,
  idPreimage,
  loginStatement,
  peerNameStatement,
} from './ids.ts';
export { encodeInvitation, type Invitation, parseInvitation } from './invitation.ts';
export { CONTROL_FILE, ControlFile, HOME_TRACKERS, type Places, placesIn } from './places.ts';
export { createTrackerClient, type TrackerClient } from './tracker-api/client.ts';
export { TrackerEvent } from './tracker-api/events.ts';
export { type TrackerRoutes, trackerRoutes } from './tracker-api/routes.ts';
export { CLOCK_HEADER, formatRunTime, parseRunTime, type RunTime, UNTIL_HEADER } from './tracker-api/run-time.ts';
export { FileRow, GroupCertificate, GroupRow, Peer, PeerAddress, Session } from './tracker-api/shapes.ts';
export { parseTrackerList, type TrackerLine } from './tracker-list.ts';
export * from './values.ts';
