import { type ControlName, controlCommands, type Download } from '@peerage/contract';
import { describe, expect, it } from 'vitest';
import { MemoryControl } from '../memory-control.fixture.ts';
import { plainLook } from '../render/look.ts';
import { tokenise } from '../words/tokenise.ts';
import { readWords } from './read-words.ts';
import { commands, findCommand } from './table.ts';

const download: Omit<Download, 'state'> = {
  id: '1',
  group: 'team',
  file: 'big.iso',
  destination: '/d/big.iso',
  size: 1000,
  done: 439,
  rate: 112_400_000,
  eta: 12,
  peers: 4,
  reason: null,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
};

const control = new MemoryControl({
  create_user: () => ({ settled: true }),
  login: ({ user }) => ({
    user,
    shares: 2,
    problems: [
      { group: 'team', file: 'a b', path: '/x/a b', size: 1, state: 'missing', uploaded: 0, up_rate: 0, peers: 0 },
    ],
  }),
  logout: () => ({ settled: true }),
  passwd: () => ({ settled: true }),
  create_group: () => ({ settled: false }),
  invite: ({ group }) => ({ group, invitation: 'peerage1:abc', trackers: [{ address: 'a:1', pin: null }] }),
  join: ({ invitation }) => ({ group: 'team', asked: invitation === 'peerage1:abc', settled: true }),
  join_group: () => ({ settled: true }),
  leave_group: () => ({ settled: true, new_owner: 'bob', ended: false }),
  rename_user: () => ({ settled: true }),
  rename_group: () => ({ settled: true }),
  list_groups: () => ({
    groups: [
      { id: 'team', owner: 'alice', members: 12, standing: 'owner', requests: 1 },
      { id: '数据', owner: 'bob', members: 3, standing: 'none' },
    ],
  }),
  list_requests: () => ({ requests: [{ user: 'bob', requested_at: new Date(2026, 10, 21, 10, 12).getTime() }] }),
  accept_request: () => ({ settled: true }),
  reject_request: () => ({ settled: true }),
  list_members: () => ({
    members: [
      { user: 'alice', role: 'owner', online: true, since: 1, last_seen: null },
      { user: 'bob', role: 'member', online: false, since: 2, last_seen: null },
      { user: 'cem', role: 'member', online: false, since: 3, last_seen: new Date(2026, 10, 21, 10, 12).getTime() },
    ],
  }),
  remove_member: () => ({ settled: true }),
  hand_over: () => ({ settled: true }),
  activity: () => ({
    entries: [
      {
        at: new Date(2026, 10, 21, 10, 13).getTime(),
        what: 'listed',
        user: 'bob',
        file: 'a.iso',
        message: 'bob shared a.iso',
      },
      {
        at: new Date(2026, 10, 21, 10, 12).getTime(),
        what: 'joined',
        user: 'bob',
        file: null,
        message: 'bob joined',
      },
    ],
  }),
  upload_file: ({ group = 'team', name = 'a.iso' }) => ({
    group,
    name,
    size: 1_048_577,
    pieces: 3,
    sha1: 'ab'.repeat(20),
    settled: true,
  }),
  list_files: () => ({
    files: [
      {
        name: 'big.iso',
        size: 4_700_000_000,
        pieces: 8965,
        kind: 'file' as const,
        files: null,
        sha1: 'ab'.repeat(20),
        info_hash: 'cd'.repeat(20),
        by: 'alice',
        seeders: 2,
        shared_by_you: true,
      },
    ],
  }),
  remove_file: () => ({ settled: true }),
  download_file: ({ destination, cwd }) => ({ id: '1', destination: `${cwd}/${destination}big.iso` }),
  show_downloads: () => ({
    downloads: [
      { ...download, state: 'D' },
      { ...download, state: 'D', peers: 1, eta: null },
      { ...download, state: 'C', done: 1000 },
      {
        ...download,
        state: 'W',
        reason: { code: 'no_seeders', message: 'no seeder is online: goes on by itself when one comes' },
      },
      { ...download, state: 'V', done: 1000 },
      { ...download, state: 'P' },
      { ...download, state: 'E', reason: { code: 'no_space', message: 'the disk is full' } },
    ],
  }),
  pause_download: () => ({}),
  resume_download: () => ({}),
  cancel_download: () => ({ removed: '/d/big.iso.part' }),
  stop_share: () => ({ settled: true }),
  shares: () => ({
    shares: [
      { group: 'team', file: 'a', path: '/x/a', size: 1000, state: 'changed', uploaded: 2500, up_rate: 0, peers: 0 },
    ],
  }),
  devices: () => ({
    devices: [{ device: '3fa9', label: 'desk', added_at: 0, state: 'password_needed', online: false, current: false }],
  }),
  revoke_device: () => ({ settled: true }),
  wait: () => ({ completed: 1, failed: 0 }),
  why: () => ({
    state: 'D' as const,
    reasons: [
      { code: 'piece_unavailable' as const, message: 'nobody has piece 17', pieces: [17] },
      { code: 'unreachable' as const, message: 'bob can not be reached', user: 'bob' },
    ],
  }),
  whoami: () => ({ user: 'alice', device: '3fa9' }),
  status: () => ({
    user: null,
    listen: '0.0.0.0:6881',
    trackers: [{ address: '127.0.0.1:4000', serving: true, reachable: true, lag_ms: null }],
    up_rate: 0,
    down_rate: 1500,
    peers: 0,
    reached: false,
  }),
  stop: () => ({}),
  trackers: () => ({
    trackers: [
      { address: 'a:1', serving: false, reachable: false, lag_ms: null },
      { address: 'b:2', serving: false, reachable: true, lag_ms: 12 },
    ],
    conflicts: ['team~12ab'],
  }),
});

async function shown(line: string): Promise<string> {
  const [name = '', ...words] = tokenise(line);
  const command = findCommand(name);
  const { byKey, toAsk } = readWords(command, words);
  expect(toAsk).toEqual([]);
  return (await command.run(byKey, { control, cwd: '/cwd' })).text(plainLook);
}

describe('the command table', () => {
  it('has every command of the control API, and help and exit', () => {
    // Looking is the page's: a shell completes paths, takes patterns, and says in words why a transfer is slow.
    const looks = ['browse', 'disk', 'folder_files', 'show_transfer'];
    const called = Object.keys(controlCommands).filter((name) => !looks.includes(name));
    expect(commands.map(({ name }) => name).sort()).toEqual([...called, 'help', 'exit'].sort());
    const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has examples that are what they show', () => {
    for (const { name, example } of commands) {
      const [first, ...words] = tokenise(example);
      expect(first).toBe(name);
      expect(() => readWords(findCommand(name), words)).not.toThrow();
    }
  });

  it('leaves passwords, and what may be left out, at the end', () => {
    for (const { arguments: list } of commands) {
      const rank = list.map(({ asked, optional }) => (asked || optional ? 1 : 0) as number);
      expect(rank).toEqual([...rank].sort());
    }
  });

  it.each([
    ['create_user alice x', 'user alice is made: login alice'],
    [
      'login alice x',
      "logged in as alice, sharing 2 files\nnot shared: [team] a b: /x/a b is missing; put it back, or upload_file its new path, or stop_share team 'a b'",
    ],
    ['logout', 'logged out: nothing is shared or fetched until the next login'],
    ['passwd old new', 'the password is changed: your other devices need it at their next login'],
    ['create_group team', 'group team is made, you own it (provisional: only one tracker has it so far)'],
    ['join_group team', 'asked to join team: its owner decides'],
    ['leaves_group team', 'left team, bob owns it now'],
    ['rename_user al', 'you are al now'],
    ['rename_group team~12ab crew', 'team~12ab is crew now'],
    [
      'list_groups',
      'GROUP  OWNER  MEMBERS  STANDING  REQUESTS\nteam   alice       12  owner     1\n数据   bob          3  none',
    ],
    ['list_requests team', 'USER  REQUESTED\nbob   2026-11-21 10:12'],
    ['accept_request team bob', 'bob is a member of team now'],
    ['reject_request team bob', 'the request of bob for team is turned down'],
    [
      'list_members team',
      'USER   ROLE    ONLINE\nalice  owner   yes\nbob    member  no\ncem    member  last seen 2026-11-21 10:12',
    ],
    ['hand_over team bob', 'bob owns team now; you are a member'],
    ['activity team', 'WHEN              WHAT\n2026-11-21 10:12  bob joined\n2026-11-21 10:13  bob shared a.iso'],
    ['remove_member team bob', 'bob is no member of team any more; what was fetched already stays there'],
    ['upload_file a.iso team', `shared [team] a.iso: 1.0 MB, 3 pieces, SHA-1 ${'ab'.repeat(20)}`],
    ['list_files team', 'FILE       SIZE  BY     SEEDERS  YOU\nbig.iso  4.7 GB  alice        2  sharing'],
    ['remove_file team big.iso', 'big.iso is no longer listed in team'],
    ['download_file team big.iso sub/', 'fetching [team] big.iso to /cwd/sub/big.iso'],
    [
      'show_downloads',
      [
        '[D] [team] big.iso 43% 112.4 MB/s ETA 0:12 from 4 peers',
        '[D] [team] big.iso 43% 112.4 MB/s ETA - from 1 peer',
        '[C] [team] big.iso',
        '[W] [team] big.iso 43% (no seeder is online: goes on by itself when one comes)',
        '[V] [team] big.iso 100% (verifying)',
        '[P] [team] big.iso 43% (paused)',
        '[E] [team] big.iso 43% (the disk is full)',
      ].join('\n'),
    ],
    ['pause_download team big.iso', 'paused [team] big.iso'],
    ['resume_download team big.iso', 'going on with [team] big.iso'],
    ['cancel_download team big.iso', 'ended [team] big.iso; the partial data /d/big.iso.part is removed'],
    ['stop_share team big.iso', 'this device no longer offers [team] big.iso'],
    [
      'shares',
      'GROUP  FILE    SIZE  STATE    UPLOADED  PATH\nteam   a     1.0 kB  changed    2.5 kB  /x/a\nnot shared: [team] a: /x/a is changed; put it back, or upload_file its new path, or stop_share team a',
    ],
    ['invite team', 'peerage1:abc'],
    ['join peerage1:abc', 'asked to join team: its owner decides'],
    [
      'join peerage1:later',
      'log in (login <user_id>) or make an account (create_user <user_id>): then the request to join team goes out by itself',
    ],
    ['revoke_device 3fa9', 'device 3fa9 is out for ever'],
    ['wait', '1 download complete'],
    ['why team big.iso', 'nobody has piece 17\nbob can not be reached'],
    ['whoami', 'alice on device 3fa9'],
    [
      'status',
      'user      nobody is logged in\npeers     listening on 0.0.0.0:6881\nrate      down 1.5 kB/s, up 0 B/s\ntracker1  127.0.0.1:4000  serves this client',
    ],
    [
      'trackers',
      "tracker1  a:1  does not answer\ntracker2  b:2  reachable, 12 ms behind\n'team~12ab' was also made on the other side of a cut, and that one keeps the name: rename yours",
    ],
    [
      'help leaves_group',
      "leave_group <group_id>: leave a group\n  also: leaves_group\n  An owner who leaves hands over to the longest-standing member; the last member's leaving ends the group.\n  example: leave_group team",
    ],
  ])('%s', async (line, text) => {
    expect(await shown(line)).toBe(text);
  });

  it('shows devices with their state', async () => {
    expect(await shown('devices')).toMatch(
      /^DEVICE {2}LABEL {2}ADDED .*\n3fa9 {4}desk {3}\d{4}-.*password needed {2}no$/,
    );
  });

  it('lists every command in help, each as it is used', async () => {
    const text = await shown('help');
    for (const { name, summary } of commands)
      expect(text).toMatch(new RegExp(`^${name}\\b.* {2}${summary.slice(0, 20)}`, 'm'));
  });
});

describe('parameters', () => {
  const sent = async (line: string) => {
    await shown(line);
    return control.calls.at(-1);
  };
  const upload = (params: object) => ({ command: 'upload_file' satisfies ControlName, params });

  it.each([
    ['upload_file team a.iso', { words: ['team', 'a.iso'], cwd: '/cwd' }],
    ['upload_file a.iso team --name b.iso', { words: ['a.iso', 'team'], cwd: '/cwd', name: 'b.iso' }],
    ['upload_file --file a.iso --group team', { path: '/cwd/a.iso', group: 'team', cwd: '/cwd' }],
    ['upload_file --file /x/a.iso team', { path: '/x/a.iso', group: 'team', cwd: '/cwd' }],
    ['upload_file ../a.iso --group team', { path: '/a.iso', group: 'team', cwd: '/cwd' }],
  ])('%s', async (line, params) => {
    expect(await sent(line)).toEqual(upload(params));
  });

  it('turns seconds into milliseconds', async () => {
    expect(await sent('wait --timeout 1.5')).toEqual({ command: 'wait', params: { timeoutMs: 1500 } });
    expect(await sent('wait --timeout=0')).toEqual({ command: 'wait', params: { timeoutMs: 0 } });
    expect(await sent('wait')).toEqual({ command: 'wait', params: {} });
  });

  it.each([
    'wait --timeout -1',
    'wait --timeout 1e3',
    'wait --timeout 9999999999',
    "wait --timeout ''",
    'upload_file',
    'upload_file a.iso',
    'upload_file --file a.iso',
    'upload_file --group team',
    'upload_file --file a.iso x y',
    'upload_file --file a.iso --group team x',
    'help nonsense',
  ])('refuses %s', async (line) => {
    await expect(shown(line)).rejects.toMatchObject({ code: 'usage' });
  });
});
