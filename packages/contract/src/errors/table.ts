/**
 * The one error table. Everything that refuses uses a code from here; HTTP status, exit code and retry advice derive from it,
 * and docs/reference/errors.md is generated from it (a test holds them equal).
 *
 * exit codes: 0 ok · 1 error · 2 usage · 3 not found · 4 not allowed · 5 authentication · 6 no tracker or network ·
 * 7 unfinished · 8 integrity · 9 no space · 10 conflict · 130 interrupted
 */
export interface ErrorRow {
  readonly meaning: string;
  readonly http: number;
  readonly exit: number;
  /** Whether the same call may succeed later without anything else being changed. */
  readonly retry: boolean;
}

const row = (meaning: string, http: number, exit: number, retry = false): ErrorRow => ({ meaning, http, exit, retry });

export const errorTable = {
  usage: row('the line is no command, or its words do not fit the command', 400, 2),
  protocol: row('the other side sent something that the protocol does not allow', 400, 1),
  bad_name: row('a user or group id is not 1-64 ASCII letters, digits, . _ - beginning with a letter or digit', 400, 2),
  unsafe_name: row('a file name that some system can not hold, or that leads out of its folder', 400, 2),
  not_logged_in: row('the command needs a login', 401, 5),
  bad_credentials: row('user or password is wrong', 401, 5),
  throttled: row('too many tries; later', 429, 5, true),
  already_logged_in: row('another user is logged in on this client', 409, 10),
  signup_closed: row('this tracker makes no new accounts', 403, 4),
  user_exists: row('the user id is taken', 409, 10),
  no_such_user: row('no user of that id', 404, 3),
  group_exists: row('the group id is taken', 409, 10),
  no_such_group: row('no group of that id', 404, 3),
  not_member: row('only members of the group may', 403, 4),
  not_owner: row('only the owner of the group may', 403, 4),
  already_member: row('is a member already', 409, 10),
  request_pending: row('a join request is pending already', 409, 10),
  no_such_request: row('that user has no pending join request', 404, 3),
  already_decided: row('the join request was decided before', 409, 10),
  no_such_file: row('the group lists no file of that name', 404, 3),
  no_such_download: row('this client has no download of that file', 404, 3),
  no_such_device: row('the user has no device of that name', 404, 3),
  name_taken: row('the group lists other content under that name', 409, 10),
  name_conflict: row('the name was also made on the other side of a cut, and that one keeps it', 409, 10),
  path_not_found: row('no file or folder at that path', 404, 3),
  path_not_readable: row('the file or folder can not be read', 403, 4),
  path_not_writable: row('the destination can not be written', 403, 4),
  destination_exists: row('a different file is at the destination; it is never overwritten', 409, 10),
  download_exists: row('the download is running already, or another one writes to that destination', 409, 10),
  no_client: row('no client runs there that could answer', 503, 3),
  no_page: row('the client serves no page', 404, 3),
  path_not_allowed: row('the page may not reach that path', 403, 4),
  foreign_caller: row('the caller of a control API shows no token of its client, or comes from another page', 403, 4),
  no_space: row('the disk is full', 507, 9, true),
  integrity: row('content does not match its SHA-1', 422, 8),
  file_changed: row('the shared file changed since it was shared', 409, 8),
  no_seeders: row('nobody who has the missing pieces is online', 503, 7, true),
  tracker_unreachable: row('no tracker of the list answers', 503, 6, true),
  tracker_behind: row('the tracker lacks what another one has, which it can not ask', 503, 6, true),
  tracker_key_changed: row('the tracker shows another key than the one known', 502, 6),
  address_in_use: row('another program listens on that address', 409, 6),
  timeout: row('the time given was over first', 504, 7, true),
  home_in_use: row('another process uses that folder', 409, 10),
  newer_format: row('a file on disk was written by a newer version', 409, 1),
  clock_skew: row('the clock of this tracker is off', 503, 6, true),
  from_backup: row(
    'the tracker was started from a backup, and waits for another tracker or its operator',
    503,
    6,
    true,
  ),
  limit: row('more than the product allows', 413, 4),
  interrupted: row('interrupted', 499, 130),
  internal: row('a defect of peerage', 500, 1),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);
