import type { ControlName, ControlParams } from '@peerage/contract';

/** One word of a command line, quoted as the shell's tokeniser reads it. */
const word = (text: string): string =>
  /^[\p{L}\p{N}_./~@:+=-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
const line = (...words: readonly string[]): string => words.map(word).join(' ');
const options = (name: string, values: readonly string[] = []): string =>
  values.map((value) => ` --${name} ${word(value)}`).join('');

const inGroup =
  (command: string) =>
  ({ group }: { group: string }) =>
    line(command, group);
const withFile =
  (command: string) =>
  ({ group, file }: { group: string; file: string }) =>
    line(command, group, file);
const withUser =
  (command: string) =>
  ({ group, user }: { group: string; user: string }) =>
    line(command, group, user);

/** As the shell reads a rate. */
function rateWord(rate: number | null): string {
  if (rate === null) return 'off';
  return rate % 1e6 === 0 ? `${rate / 1e6}MB/s` : rate % 1e3 === 0 ? `${rate / 1e3}kB/s` : `${rate}B/s`;
}

function limitLine({ change, group, file }: ControlParams<'limit'>): string {
  const changed = change
    ? [change.what, change.what === 'slow' ? (change.on ? 'on' : 'off') : rateWord(change.rate)]
    : [];
  return line('limit', ...changed, ...(group !== undefined && file !== undefined ? [group, file] : []));
}

/** What a person types in a shell for what the page does. Secrets are left out: the shell asks for them. */
const lines = {
  create_user: ({ user }) => line('create_user', user),
  login: ({ user }) => line('login', user),
  logout: () => 'logout',
  passwd: () => 'passwd',
  create_group: inGroup('create_group'),
  join_group: inGroup('join_group'),
  leave_group: inGroup('leave_group'),
  invite: inGroup('invite'),
  join: ({ invitation }) => line('join', invitation),
  accept_request: withUser('accept_request'),
  reject_request: withUser('reject_request'),
  remove_member: withUser('remove_member'),
  hand_over: withUser('hand_over'),
  upload_file: ({ path = 'path', group = 'group' }) => line('upload_file', path, group),
  remove_file: withFile('remove_file'),
  stop_share: withFile('stop_share'),
  download_file: ({ group, file, destination, only }) =>
    `${line('download_file', group, file, destination)}${options('only', only)}`,
  pause_download: withFile('pause_download'),
  resume_download: withFile('resume_download'),
  cancel_download: ({ group, file, data }) =>
    `${line('cancel_download', group, file)}${options('data', data && [data])}`,
  verify: withFile('verify'),
  why: withFile('why'),
  activity: ({ group, file }) => line('activity', group, ...(file === undefined ? [] : [file])),
  limit: limitLine,
  revoke_device: ({ device }) => line('revoke_device', device),
} as const satisfies { readonly [C in ControlName]?: (params: ControlParams<C>) => string };

export type ShellCommand = keyof typeof lines;

export const commandWords = <C extends ShellCommand>(command: C, params: ControlParams<C>): string =>
  (lines[command] as (params: ControlParams<C>) => string)(params);
