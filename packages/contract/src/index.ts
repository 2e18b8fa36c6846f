export * from './control-api/commands.ts';
export * from './control-api/events.ts';
export type { AbortSignalLike, CallOptions, ControlApi } from './control-api/facade.ts';
export { errorFromWire, PeerageError } from './errors/peerage-error.ts';
export { type ErrorCode, type ErrorRow, errorTable } from './errors/table.ts';
export { createStatement, devicePreimage, foldName, type IdKind, idPreimage, loginStatement } from './ids.ts';
export {
  createTrackerClient,
  type SendTrackerRequest,
  type TrackerAnswer,
  type TrackerCallOptions,
  type TrackerClient,
  type TrackerRequest,
} from './tracker-api/client.ts';
export { TrackerEvent } from './tracker-api/events.ts';
export { openApiOf } from './tracker-api/openapi.ts';
export type { Route, RouteAnswer, RouteInput, RouteTable } from './tracker-api/route.ts';
export {
  FileRow,
  GroupRow,
  Peer,
  PeerAddress,
  Session,
  type TrackerRoutes,
  trackerRoutes,
} from './tracker-api/routes.ts';
export { parseTrackerList, type TrackerLine } from './tracker-list.ts';
export * from './values.ts';
