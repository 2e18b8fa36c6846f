import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlResult, PeerageError, type Progress } from '@peerage/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryControl, untilInterrupted } from '../memory-control.fixture.ts';
import { type InteractiveOptions, runInteractive } from './interactive.ts';
import { TestTerminal } from './terminal.fixture.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const UP = '\x1b[A';

let stateFolder: string;
beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'peerage-shell-'));
});
afterEach(() => rmSync(stateFolder, { recursive: true }));

const status = (): ControlResult<'status'> => ({
  user: null,
  listen: '0.0.0.0:6881',
  trackers: [{ address: '127.0.0.1:4000', serving: true, reachable: true, lag_ms: null }],
  up_rate: 0,
  down_rate: 0,
  peers: 0,
  reached: false,
});

type Download = ControlResult<'show_downloads'>['downloads'][number];
const download: Download = {
  id: '1',
  state: 'D',
  group: 'team',
  file: 'a.iso',
  destination: '/d/a.iso',
  size: 10,
  done: 5,
  rate: 1,
  eta: 1,
  peers: 1,
  reason: null,
  up_rate: 0,
  uploaded: 0,
  availability: null,
  sources: [],
};

type Answers = ConstructorParameters<typeof MemoryControl>[0];

function start(answers: Answers = {}, options: Partial<InteractiveOptions> = {}, columns = 80) {
  const terminal = new TestTerminal(columns);
  const stop = new AbortController();
  const control: MemoryControl = new MemoryControl({
    status,
    show_downloads: () => ({ downloads: [] }),
    login: ({ user, password }) => {
      if (password !== 'secret') throw new PeerageError('bad_credentials', 'user or password is wrong');
      control.tell({ type: 'user_changed', user });
      return { user, shares: 0, problems: [] };
    },
    ...answers,
  });
  const left = runInteractive({
    control,
    input: terminal.input,
    out: terminal.output,
    err: terminal.output,
    env: { NO_COLOR: '1' },
    cwd: '/',
    json: false,
    stateFolder,
    ownsClient: true,
    stop: stop.signal,
    ...options,
  });
  const history = () => readFileSync(join(stateFolder, 'history'), 'utf8');
  return { terminal, stop, control, left, history };
}

describe('the interactive shell', () => {
  it('shows the prompt, answers, and leaves', async () => {
    const { terminal, control, left } = start({ create_group: () => ({ settled: true }) });
    await terminal.shows(/^\$> $|\$>$/m);
    terminal.type('login alice secret\r');
    await terminal.shows('alice@tracker1>');
    terminal.type('create_group team\rnonsense\r');
    await terminal.shows('(usage)');
    terminal.type('exit\r');
    expect(await left).toBe(0);
    expect(terminal.text.trimEnd().split('\n')).toEqual([
      'help lists all commands, tab completes, exit leaves',
      '$> login alice secret',
      'logged in as alice',
      'alice@tracker1> create_group team',
      'nonsense',
      'group team is made, you own it',
      'alice@tracker1> nonsense',
      "error: there is no command 'nonsense': help lists all commands (usage)",
      'alice@tracker1> exit',
    ]);
    expect(control.listeners).toBe(0);
  });

  it('asks for a password without showing or keeping it', async () => {
    const { terminal, left, history } = start();
    await terminal.shows('$>');
    terminal.type('login alice\r');
    await terminal.shows('password:');
    terminal.type('secret');
    terminal.type('\r');
    await terminal.shows('alice@tracker1>');
    terminal.type(UP);
    await terminal.shows(/alice@tracker1> login alice$/m);
    terminal.type(`${CTRL_C}login bob secret\r`);
    await terminal.shows('logged in as bob');
    terminal.type(UP);
    await terminal.shows(/bob@tracker1> login bob$/m);
    terminal.type(`${CTRL_C}exit\r`);
    await left;
    expect(terminal.text.match(/secret/g)).toHaveLength(1);
    expect(history()).toBe('login alice\nlogin bob\nexit\n');
  });

  it('asks twice for a new password and does nothing where the two differ', async () => {
    const { terminal, control, left } = start({ create_user: () => ({ settled: true }) });
    await terminal.shows('$>');
    terminal.type('create_user alice\r');
    await terminal.shows('password for the new user:');
    terminal.type('one\r');
    await terminal.shows('once more:');
    terminal.type('two\r');
    await terminal.shows('error: the two passwords differ: nothing was done (usage)');
    terminal.type('create_user alice\r');
    await terminal.shows(/new user:\n.*once more:\n.*new user:$/s);
    terminal.type(CTRL_C);
    await terminal.shows('(interrupted)');
    terminal.type('exit\r');
    await left;
    expect(control.calls.map(({ command }) => command)).not.toContain('create_user');
  });

  it('prints events above the line being typed, however many rows it has', async () => {
    const { terminal, control, left } = start({}, {}, 40);
    await terminal.shows('$>');
    terminal.type('list_files a-group-with-a-name-longer-than-one-row-of-the-screen');
    await terminal.shows('screen');
    control.tell({ type: 'join_requested', group: 'team', user: 'bob' });
    terminal.type('\x1b[D\x1b[D\x1b[DXY');
    control.tell({ type: 'download_completed', download: { ...download, state: 'C' } });
    await terminal.shows('[C]');
    expect(terminal.text.split('\n')).toEqual([
      'help lists all commands, tab completes,',
      'exit leaves',
      'bob asks to join team: accept_request',
      'team bob',
      '[C] [team] a.iso -> /d/a.iso',
      '$> list_files a-group-with-a-name-longer',
      '-than-one-row-of-the-scrXYeen',
    ]);
    terminal.type(`${CTRL_C}exit\r`);
    await left;
  });

  it('prints events above the question for a password, without showing what is typed', async () => {
    const { terminal, control, left } = start();
    await terminal.shows('$>');
    terminal.type('login alice\r');
    await terminal.shows('password:');
    terminal.type('sec');
    control.tell({ type: 'notice', message: 'bob is banned' });
    await terminal.shows('bob is banned\npassword:');
    terminal.type('ret\r');
    await terminal.shows('logged in as alice');
    terminal.type('exit\r');
    await left;
  });

  it('ends the command at Ctrl-C, not the client', async () => {
    const { terminal, left } = start({ wait: untilInterrupted });
    await terminal.shows('$>');
    terminal.type('wait\r');
    await terminal.shows('wait\n');
    terminal.type(CTRL_C);
    await terminal.shows('error: wait was interrupted (interrupted)\n$>');
    terminal.type(`half a li${CTRL_C}exit\r`);
    expect(await left).toBe(0);
    expect(terminal.lastLine).toBe('$> exit');
  });

  it('ends a command at a Ctrl-C that comes together with its line', async () => {
    const { terminal, control, left } = start({ wait: untilInterrupted });
    await terminal.shows('$>');
    terminal.type(`wait\r${CTRL_C}`);
    await terminal.shows('error: wait was interrupted (interrupted)\n$>');
    terminal.type('exit\r');
    await left;
    expect(control.calls.filter(({ command }) => command === 'wait').length).toBeLessThanOrEqual(1);
  });

  it('shows how far hashing is, and takes it away', async () => {
    const hashed = Promise.withResolvers<void>();
    let tell: ((progress: Progress) => void) | undefined;
    const { terminal, left } = start({
      upload_file: async (_params, { onProgress }) => {
        tell = onProgress;
        onProgress?.({ what: 'hashing', doneBytes: 430, totalBytes: 1000 });
        await hashed.promise;
        return { group: 'team', name: 'a', size: 1000, pieces: 1, sha1: '0'.repeat(40), settled: true };
      },
    });
    await terminal.shows('$>');
    terminal.type('upload_file a team\r');
    await terminal.shows('hashing 43% of 1.0 kB');
    terminal.type('who');
    tell?.({ what: 'hashing', doneBytes: 990, totalBytes: 1000 });
    await terminal.shows(/^hashing 99% of 1\.0 kB {2}#{29}-\nwho$/m);
    hashed.resolve();
    await terminal.shows(/SHA-1 0+\n\$> who$/);
    expect(terminal.text).not.toContain('hashing');
    terminal.type(`${CTRL_C}exit\r`);
    await left;
  });

  it('draws downloads while they are watched, and events above them; Ctrl-C ends only the watching', async () => {
    let now: Download[] = [download, { ...download, id: '2', file: 'b.iso', state: 'C' }];
    const { terminal, control, left } = start({ show_downloads: () => ({ downloads: now }) });
    await terminal.shows('$>');
    terminal.type('show_downloads --watch\r');
    await terminal.shows(/^\[D\] \[team\] a\.iso 50% .* {2}#+-+\n\[C\] \[team\] b\.iso$/m);
    now = [{ ...download, done: 9 }];
    control.tell({ type: 'download_changed', download: now[0]! });
    await terminal.shows('a.iso 90%');
    control.tell({ type: 'join_requested', group: 'team', user: 'bob' });
    await terminal.shows(/bob asks to join team.*\n\[D\] \[team\] a\.iso 90%/);
    expect(terminal.text).not.toContain('b.iso');
    terminal.type(CTRL_C);
    await terminal.shows(/\[D\] \[team\] a\.iso 90% 1 B\/s ETA 0:01 from 1 peer\n\$>$/);
    expect(terminal.text).not.toContain('interrupted');
    now = [{ ...download, state: 'C' }];
    terminal.type('show_downloads --watch\r');
    await terminal.shows(/^\[C\] \[team\] a\.iso\n\$>$/m);
    terminal.type('exit\r');
    await left;
    expect(control.listeners).toBe(0);
  });

  it('waits for one download and tells how it ended', async () => {
    let now: Download[] = [download];
    const { terminal, control, left } = start({
      show_downloads: () => ({ downloads: now }),
      download_file: () => ({ id: '1', destination: '/d/a.iso' }),
    });
    const turn = (changed: Download[]) => {
      now = changed;
      control.tell({ type: 'download_changed', download });
    };
    await terminal.shows('$>');
    terminal.type('download_file team a.iso /d --wait\r');
    await terminal.shows('[D] [team] a.iso 50%');
    turn([{ ...download, state: 'C' }]);
    await terminal.shows('fetched [team] a.iso to /d/a.iso');
    turn([download]);
    terminal.type('download_file team a.iso /d --wait\r');
    await terminal.shows('[D] [team] a.iso 50%');
    turn([{ ...download, state: 'E', reason: { code: 'integrity', message: 'content does not match' } }]);
    await terminal.shows("error: 'a.iso' failed: content does not match (integrity)");
    turn([download]);
    terminal.type('download_file team a.iso /d --wait\r');
    await terminal.shows('[D] [team] a.iso 50%');
    turn([]);
    await terminal.shows('(no_such_download)');
    turn([]);
    terminal.type('exit\r');
    await left;
    expect(control.listeners).toBe(0);
  });

  it('asks once before it leaves while downloads run', async () => {
    const downloads = () => ({ downloads: [download, { ...download, state: 'C' as const }] });
    const { terminal, left } = start(
      { show_downloads: downloads, whoami: () => ({ user: null, device: null }) },
      {},
      120,
    );
    const question = '1 download is not finished: it goes on when this client starts again.';
    await terminal.shows('$>');
    terminal.type(CTRL_D);
    await terminal.shows(question);
    terminal.type('whoami\r');
    await terminal.shows('nobody is logged in');
    terminal.type('exit\r');
    await terminal.shows(new RegExp(`${question}.*${question}`, 's'));
    terminal.type(CTRL_D);
    expect(await left).toBe(0);
  });

  it('leaves at once when it is told to stop, in the middle of a command or a line', async () => {
    const busy = start({ wait: untilInterrupted });
    await busy.terminal.shows('$>');
    busy.terminal.type('wait\r');
    await busy.terminal.shows('wait\n');
    busy.stop.abort();
    expect(await busy.left).toBe(0);

    const typing = start();
    await typing.terminal.shows('$>');
    typing.terminal.type('some');
    await typing.terminal.shows('some');
    typing.stop.abort();
    expect(await typing.left).toBe(0);
  });

  it('runs pasted lines in their order', async () => {
    const { terminal, control, left } = start({ create_group: () => ({ settled: true }) });
    await terminal.shows('$>');
    terminal.type('create_group a\rcreate_group b\rcreate_group c\rexit\r');
    await left;
    expect(control.calls.slice(1, 4).map(({ params }) => params)).toEqual([
      { group: 'a' },
      { group: 'b' },
      { group: 'c' },
    ]);
  });

  it('shows in the prompt that no tracker answers', async () => {
    const { terminal, control, left } = start();
    await terminal.shows('$>');
    control.tell({ type: 'tracker_changed', address: null, message: 'no tracker answers' });
    await terminal.shows('no tracker answers\n!$>');
    control.tell({ type: 'tracker_changed', address: '127.0.0.1:4000', message: 'tracker 127.0.0.1:4000 serves' });
    await terminal.shows(/serves\n\$>/);
    terminal.type('exit\r');
    await left;
  });

  it('answers in JSON where that is wanted', async () => {
    const { terminal, left } = start({ create_group: () => ({ settled: true }) }, { json: true });
    await terminal.shows('$>');
    terminal.type('create_group a\rnonsense\r');
    await terminal.shows('{"command":"create_group","ok":true,"result":{"settled":true}}');
    await terminal.shows('{"command":null,"ok":false,"error":{"code":"usage"');
    terminal.type('exit\r');
    await left;
  });

  it('completes what is begun', async () => {
    const groups = [{ id: 'team', owner: 'a', members: 1, standing: 'owner' as const }];
    const { terminal, left } = start({ list_groups: () => ({ groups }) });
    await terminal.shows('$>');
    terminal.type('list_f\t');
    await terminal.shows('$> list_files');
    terminal.type('t\t');
    await terminal.shows('$> list_files team');
    terminal.type(`${CTRL_C}exit\r`);
    await left;
  });
});
