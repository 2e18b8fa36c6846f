import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ControlApi, PeerageError } from '@peerage/contract';
import { describe, expect, it } from 'vitest';
import { MemoryControl, untilInterrupted } from '../memory-control.fixture.ts';
import { runScript, type ScriptOptions } from './script.ts';

async function script(input: string | Readable, control: ControlApi, options: Partial<ScriptOptions> = {}) {
  const out = new PassThrough();
  const err = new PassThrough();
  const texts = Promise.all([text(out), text(err)]);
  const code = await runScript({
    control,
    input: typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input,
    out,
    err,
    env: {},
    cwd: '/where/it/was/called',
    json: false,
    keepGoing: false,
    stay: false,
    stop: new AbortController().signal,
    ...options,
  });
  out.end();
  err.end();
  const [shown, errors] = await texts;
  return { code, out: shown, err: errors };
}

const refuse = (code: 'bad_credentials' | 'no_such_group', message: string) => () => {
  throw new PeerageError(code, message);
};

const working = () =>
  new MemoryControl({
    create_user: () => ({ settled: true }),
    login: ({ user }) => ({ user, shares: 0, problems: [] }),
    create_group: () => ({ settled: false }),
    whoami: () => ({ user: null, device: null }),
  });

describe('a script', () => {
  it('runs its lines one after another and shows results', async () => {
    const control = working();
    const result = await script(
      "# set up\ncreate_user alice 's3 cret'\n\nlogin alice -secret\ncreate_group team",
      control,
    );
    expect(result).toEqual({
      code: 0,
      out: 'user alice is made: login alice\nlogged in as alice\ngroup team is made, you own it (provisional: only one tracker has it so far)\n',
      err: '',
    });
    expect(control.calls).toEqual([
      { command: 'create_user', params: { user: 'alice', password: 's3 cret' } },
      { command: 'login', params: { user: 'alice', password: '-secret' } },
      { command: 'create_group', params: { group: 'team' } },
    ]);
    expect(control.listeners).toBe(0);
  });

  it('stops at the first error and ends with its exit code', async () => {
    const control = new MemoryControl({
      login: refuse('bad_credentials', 'user or password is wrong'),
      whoami: () => ({ user: null, device: null }),
    });
    expect(await script('login alice x\nwhoami\n', control)).toEqual({
      code: 5,
      out: '',
      err: 'error: user or password is wrong (bad_credentials)\n',
    });
    expect(control.calls).toHaveLength(1);
  });

  it('goes on with --keep-going and ends with the exit code of the first failure', async () => {
    const control = new MemoryControl({
      join_group: refuse('no_such_group', "there is no group 'x'"),
      login: refuse('bad_credentials', 'user or password is wrong'),
      whoami: () => ({ user: 'alice', device: null }),
    });
    expect(await script('join_group x\nlogin alice y\nwhoami\n', control, { keepGoing: true })).toEqual({
      code: 3,
      out: 'alice\n',
      err: "error: there is no group 'x' (no_such_group)\nerror: user or password is wrong (bad_credentials)\n",
    });
  });

  it('answers every command with one line of JSON', async () => {
    const control = new MemoryControl({
      create_group: () => ({ settled: true }),
      leave_group: () => ({ settled: true, ended: true }),
      login: refuse('bad_credentials', 'user or\npassword is wrong'),
    });
    const lines = [
      'create_group team',
      'leaves_group team',
      '# nothing',
      '',
      'login a b',
      "login 'a",
      'nonsense',
      'login',
    ];
    const result = await script(`${lines.join('\n')}\ndevices\nquit\ncreate_group never\n`, control, {
      json: true,
      keepGoing: true,
    });
    expect(result.err).toBe('');
    expect(result.code).toBe(5);
    expect(
      result.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { command: 'create_group', ok: true, result: { settled: true } },
      { command: 'leave_group', ok: true, result: { settled: true, ended: true } },
      { command: 'login', ok: false, error: { code: 'bad_credentials', message: 'user or\npassword is wrong' } },
      { command: null, ok: false, error: { code: 'usage', message: expect.stringContaining('not closed') } },
      { command: null, ok: false, error: { code: 'usage', message: expect.stringContaining('nonsense') } },
      { command: 'login', ok: false, error: { code: 'usage', message: expect.stringContaining('needs <user_id>') } },
      { command: 'devices', ok: false, error: { code: 'internal', message: 'devices comes with a later version' } },
      { command: 'exit', ok: true, result: {} },
    ]);
  });

  it('asks nobody for a password', async () => {
    const result = await script('login alice\n', working());
    expect(result).toEqual({
      code: 2,
      out: '',
      err: 'error: nobody can be asked for <passwd> here, give it as a word, or to a one-shot command by --password-stdin (usage)\n',
    });
  });

  it('refuses a line that is too long without holding it, and bytes that are no text', async () => {
    const result = await script(
      Readable.from([
        Buffer.alloc(100_000, 'x'),
        Buffer.alloc(100_000, 'x'),
        Buffer.from('\nwhoami\nwho\xff\n', 'latin1'),
      ]),
      working(),
      { keepGoing: true },
    );
    expect(result).toEqual({
      code: 2,
      out: 'nobody is logged in\n',
      err: 'error: the line is longer than 64 KiB (usage)\nerror: the line is not valid UTF-8 (usage)\n',
    });
  });

  it('takes lines however the input is cut, with line ends of other systems', async () => {
    const bytes = [...Buffer.from('\uFEFFcreate_group gr\u00f6\u00dfe\r\ncreate_group b')].map((byte) =>
      Buffer.from([byte]),
    );
    const control = working();
    expect(await script(Readable.from(bytes), control)).toMatchObject({ code: 0 });
    expect(control.calls.map(({ params }) => params)).toEqual([{ group: 'gr\u00f6\u00dfe' }, { group: 'b' }]);
  });

  it('shows names from outside escaped', async () => {
    const control = new MemoryControl({
      list_groups: () => ({ groups: [{ id: 'a\x1b[2J\nb', owner: 'o\u202e', members: 2, standing: 'none' }] }),
      login: refuse('bad_credentials', 'bad \x1b[31m name'),
    });
    const result = await script('list_groups\nlogin a b\n', control);
    expect(result.out).toBe(
      'GROUP          OWNER    MEMBERS  STANDING  REQUESTS\na\\x1b[2J\\x0ab  o\\u202e        2  none\n',
    );
    expect(result.err).toBe('error: bad \\x1b[31m name (bad_credentials)\n');
  });

  it('tells of troubles on stderr that nobody asked for, and never between lines of JSON', async () => {
    const control: MemoryControl = new MemoryControl({
      whoami: () => {
        control.tell({ type: 'peer_banned', group: 'team', file: 'a', message: 'bob is banned\x07' });
        control.tell({ type: 'join_requested', group: 'team', user: 'eve' });
        return { user: 'alice', device: null };
      },
    });
    expect(await script('whoami\n', control)).toEqual({ code: 0, out: 'alice\n', err: 'bob is banned\\x07\n' });
    expect((await script('whoami\n', control, { json: true })).err).toBe('');
  });

  it('ends the running command when it is stopped', async () => {
    const stop = new AbortController();
    const control = new MemoryControl({
      wait: (params, options) => {
        queueMicrotask(() => stop.abort());
        return untilInterrupted(params, options);
      },
    });
    const result = await script('wait\nwhoami\n', control, { stop: stop.signal, keepGoing: true });
    expect(result).toEqual({ code: 130, out: '', err: 'error: wait was interrupted (interrupted)\n' });
    expect(control.calls).toHaveLength(1);
  });

  it('leaves at once at the end of input, and with --stay only when it is stopped', async () => {
    const stop = new AbortController();
    let ended = false;
    const running = script('whoami\n', working(), { stay: true, stop: stop.signal }).then((result) => {
      ended = true;
      return result;
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(ended).toBe(false);
    stop.abort();
    expect(await running).toMatchObject({ code: 0, out: 'nobody is logged in\n' });
  });

  it('does not stay where it failed or was told to exit', async () => {
    expect(await script('nonsense\n', working(), { stay: true })).toMatchObject({ code: 2 });
    expect(await script('exit\n', working(), { stay: true })).toMatchObject({ code: 0 });
  });

  it('leaves cleanly while it waits for a line that never comes', async () => {
    const stop = new AbortController();
    const input = new PassThrough();
    const running = script(input, working(), { stop: stop.signal });
    input.write('whoami\nwho');
    setImmediate(() => stop.abort());
    expect(await running).toMatchObject({ code: 0, out: 'nobody is logged in\n' });
    expect(input.destroyed).toBe(true);
  });
});
