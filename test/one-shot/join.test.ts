import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuietPlace } from '../support/quiet-place.ts';

/** Alice has a group; everybody else has her line. */
describe('an invitation', () => {
  let place: QuietPlace;
  let line: string;
  let pin: string;
  const homeOf = (name: string) => ['--home', place.path(name)];
  const script = (name: string, lines: readonly string[], args: readonly string[]) =>
    place.run([...args, ...homeOf(name)], { input: `${lines.join('\n')}\n` });

  beforeAll(async () => {
    place = new QuietPlace();
    const trackerInfo = await place.startTracker();
    await place.run(['client', '127.0.0.1:0', trackerInfo, ...homeOf('alice'), '--detach']);
    await script('alice', ['create_user alice secret', 'login alice secret', 'create_group team'], ['shell']);
    const { out } = await place.run(['invite', 'team', '--json', ...homeOf('alice')]);
    const answer = JSON.parse(out) as { result: { invitation: string; trackers: { address: string; pin: string }[] } };
    line = answer.result.invitation;
    pin = answer.result.trackers[0]!.pin;
  });
  afterAll(() => place.close());

  it('is one line with the trackers and their keys, and no secret', async () => {
    expect(line).toMatch(/^peerage1:[A-Za-z0-9_-]{80,400}$/);
    const text = Buffer.from(line.slice('peerage1:'.length), 'base64url').subarray(0, -4).toString();
    const [group, gid, tracker, ...more] = text.split('\n');
    expect([group, more]).toEqual(['team', []]);
    expect(gid).toMatch(/^[0-9a-f]{32}$/);
    expect(tracker).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ sha256:${pin}$`));
  });

  it('makes a home after it was confirmed, and asks for membership at the login', async () => {
    const unconfirmed = await script('bob', [], ['join', line]);
    expect(unconfirmed).toMatchObject({ code: 2, err: expect.stringContaining(`key sha256:${pin}`) });
    expect(existsSync(place.path('bob'))).toBe(false);
    const joined = await script('bob', ['create_user bob secret', 'login bob secret', 'wait'], ['join', line, '--yes']);
    expect(joined.code).toBe(0);
    expect(joined.err).toContain('then the request to join team goes out by itself');
    const { out } = await place.run(['list_requests', 'team', ...homeOf('alice')]);
    expect(out).toContain('bob');
    expect(readFileSync(place.path('bob', 'tracker_info.txt'), 'utf8')).toContain(`sha256:${pin}`);
  });

  it('goes through the running client that has its trackers', async () => {
    await script('alice', ['create_group second'], ['shell']);
    const second = (await place.run(['invite', 'second', ...homeOf('alice')])).out.trim();
    expect(await place.run(['client', ...homeOf('bob'), '--detach'])).toMatchObject({ code: 0 });
    expect(await place.run(['join', second, ...homeOf('bob')])).toMatchObject({
      code: 0,
      out: 'asked to join second: its owner decides\n',
    });
    expect(await place.run(['join', second, ...homeOf('bob')])).toMatchObject({
      code: 10,
      err: expect.stringContaining('(request_pending)'),
    });
    expect((await place.run(['list_requests', 'second', ...homeOf('alice')])).out).toContain('bob');
  });

  it('never adds a tracker to a client of others', async () => {
    const other = await place.startTracker('other.txt');
    await place.run(['client', '127.0.0.1:0', other, ...homeOf('carol'), '--detach']);
    await script('carol', ['create_user carol secret', 'login carol secret'], ['shell']);
    for (const args of [['join', line, '--yes'], ['shell']]) {
      const refused = await script('carol', [`join ${line}`], args);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('other trackers') });
    }
    await place.run(['stop', ...homeOf('carol')]);
    expect(await place.run(['join', line, '--yes', ...homeOf('carol')])).toMatchObject({ code: 2 });
    expect(readFileSync(place.path('carol', 'tracker_info.txt'), 'utf8')).not.toContain(pin);
  });

  it('that lies about the key of a tracker is told so', async () => {
    const payload = Buffer.from(line.slice('peerage1:'.length), 'base64url').subarray(0, -4).toString();
    const forged = Buffer.from(payload.replace(pin, 'ab'.repeat(32)));
    const sum = createHash('sha256').update(forged).digest().subarray(0, 4);
    const lie = `peerage1:${Buffer.concat([forged, sum]).toString('base64url')}`;
    expect(await place.run(['join', lie, ...homeOf('alice')])).toMatchObject({
      code: 6,
      err: expect.stringContaining('(tracker_key_changed)'),
    });
    const fresh = await script('dave', ['create_user dave secret'], ['join', lie, '--yes']);
    expect(fresh).toMatchObject({ code: 6, err: expect.stringContaining('(tracker_key_changed)') });
  });

  it.each([
    [['join'], 'join needs an invitation'],
    [['join', 'nonsense'], 'begins with peerage1:'],
    [['join', 'peerage1:AAAA'], 'not whole'],
    [['join', 'a', 'b'], 'join needs an invitation'],
  ])('%j is refused', async (args, why) => {
    expect(await place.run(args)).toMatchObject({ code: 2, err: expect.stringContaining(why) });
  });

  it('is for members to give', async () => {
    const { err, code } = await script('bob', ['invite second'], ['shell']);
    expect([code, err]).toEqual([4, expect.stringContaining('(not_member)')]);
  });
});
