import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { creation, Person, World } from '../testing/world.ts';

const world = new World();
const id = () => randomBytes(16).toString('hex');

const create = (name: string, uid = id()) => {
  const made = creation(name);
  const run = (passwordHash: string) =>
    world.writer.run('createUser', { uid, creation: made, passwordHash, epoch: id() });
  return { uid, run };
};

describe('create_user', () => {
  it.each(['', 'a b', '-a', '.a', 'ä', 'a'.repeat(65), 'a\n', 'a~1234', '../x'])(
    'refuses the name %j',
    async (name) => {
      await expect(create(name).run('h')).rejects.toMatchObject({
        code: 'bad_name',
        message: expect.stringContaining('is no user id: use 1 to 64'),
      });
    },
  );

  it('takes 1 to 64 characters, and a name only once, whatever its case', async () => {
    await create('a').run('h');
    await create('Z'.repeat(64)).run('h');
    await create('Dave').run('h');
    await expect(create('dAVE').run('h')).rejects.toMatchObject({
      code: 'user_exists',
      message: "the user id 'dAVE' is taken: choose another one",
    });
  });

  it('answers a retry of the same creation, and never changes its password', async () => {
    const { uid, run } = create('retry');
    expect(await run('first')).toEqual({ uid, name: 'retry' });
    expect(await run('second')).toEqual({ uid, name: 'retry' });
    expect(await world.writer.run('credentialOf', { uid })).toEqual({ uid, hash: 'first' });
    await expect(create('RETRY', uid).run('h')).rejects.toMatchObject({ code: 'user_exists' });
  });
});

describe('sessions', () => {
  const sessionOf = (tokenHash: string) => world.writer.run('sessionOf', { tokenHash });

  it('are one for each device: a new login ends the one before', async () => {
    const person = await world.user('sam');
    const first = await person.login();
    expect(await sessionOf(first)).toMatchObject({ uid: person.uid, name: 'sam', device: person.device });
    const second = await person.login();
    expect(await sessionOf(first)).toBeUndefined();
    const [before, after] = [await sessionOf(second), await sessionOf(await person.login())];
    expect(after!.presenceSession).toBeGreaterThan(before!.presenceSession);
  });

  it('refuse a login whose password was changed while it was verified', async () => {
    const person = await world.user('tim');
    await expect(person.login('an older hash')).rejects.toMatchObject({ code: 'bad_credentials' });
  });

  it('end with logout, and the device needs the password again', async () => {
    const person = await world.user('una');
    const other = await person.onAnotherDevice();
    const mine = await person.login();
    const others = await other.login();
    await person.run('logOut', {});
    expect(await sessionOf(mine)).toBeUndefined();
    expect(await sessionOf(others)).toBeDefined();
    const byKey = (device: string) => world.writer.run('logInByDevice', { uid: person.uid, device, tokenHash: id() });
    await expect(byKey(person.device)).rejects.toMatchObject({ code: 'bad_credentials' });
    await byKey(other.device);
    await person.login();
    await byKey(person.device);
  });

  it('of other devices end with a new password; this one goes on, also by its key', async () => {
    const person = await world.user('vera');
    const other = await person.onAnotherDevice();
    const mine = await person.login();
    const others = await other.login();
    await person.run('changePassword', { verifiedHash: 'hash of vera', nextHash: 'new' });
    expect(await sessionOf(mine)).toBeDefined();
    expect(await sessionOf(others)).toBeUndefined();
    const byKey = (device: string) => world.writer.run('logInByDevice', { uid: person.uid, device, tokenHash: id() });
    await byKey(person.device);
    await expect(byKey(other.device)).rejects.toMatchObject({ code: 'bad_credentials' });
    await expect(person.run('changePassword', { verifiedHash: 'hash of vera', nextHash: 'x' })).rejects.toMatchObject({
      code: 'bad_credentials',
    });
    const states = (await person.run('listDevices', {})).map((device) => device.state);
    expect(states).toEqual(['active', 'password_needed']);
  });

  it("all end with the operator's reset", async () => {
    const person = await world.user('walt');
    const mine = await person.login();
    await world.writer.run('resetPassword', { uid: person.uid, nextHash: 'reset', epoch: id() });
    expect(await sessionOf(mine)).toBeUndefined();
    await person.login('reset');
  });

  it('end with their device for ever when it is revoked, with what it shared', async () => {
    const person = await world.user('xena');
    const other = await person.onAnotherDevice();
    const gid = await person.createGroup('xenas');
    const infoHash = await other.shares(gid, 'both.bin');
    await person.run('share', { gid, infoHash });
    await other.shares(gid, 'only-there.bin');
    const others = await other.login();
    await person.run('revokeDevice', { device: other.device });
    await person.run('revokeDevice', { device: other.device });
    expect(await sessionOf(others)).toBeUndefined();
    await expect(other.login()).rejects.toMatchObject({
      code: 'bad_credentials',
      message: expect.stringContaining('revoked'),
    });
    expect(await person.files(gid)).toEqual(['both.bin']);
    expect((await person.run('listDevices', {})).map(({ state, current }) => [state, current])).toEqual([
      ['active', true],
      ['revoked', false],
    ]);
    await expect(person.run('revokeDevice', { device: id() })).rejects.toMatchObject({ code: 'no_such_device' });
  });

  it('are open on at most 16 devices; one that logs out, or is logged in already, needs no room', async () => {
    const person = await world.user('yan');
    const devices = [person];
    while (devices.length < 16) devices.push(await person.onAnotherDevice());
    await expect(person.onAnotherDevice()).rejects.toMatchObject({ code: 'limit' });
    await person.login();
    await devices[3]!.run('logOut', {});
    await person.onAnotherDevice();
    await expect(devices[3]!.login()).rejects.toMatchObject({ code: 'limit' });
  });
});

describe('a command id', () => {
  it('makes a command one effect, and binds it to what was commanded', async () => {
    const person = await world.user('zoe');
    const owner = await world.user('owner');
    const gid = await owner.createGroup('once');
    const join = (caller = person.as('c1', 'body')) => world.writer.run('joinGroup', { gid }, caller);
    expect(await world.writer.tookEffect(person.as('c1', 'body'))).toBe(false);
    await join();
    await join();
    expect(await world.writer.tookEffect(person.as('c1', 'body'))).toBe(true);
    await expect(join(person.as('c2', 'body'))).rejects.toMatchObject({ code: 'request_pending' });
    await expect(join(person.as('c1', 'another body'))).rejects.toMatchObject({ code: 'protocol' });
    await join(owner.as('c1', 'body')).catch((error) => expect(error).toMatchObject({ code: 'already_member' }));
  });

  it('of a refused command is free', async () => {
    const person = await world.user('zed');
    const gid = await (await world.user('owner2')).createGroup('free');
    const leave = () => world.writer.run('leaveGroup', { gid }, person.as('c3'));
    await expect(leave()).rejects.toMatchObject({ code: 'not_member' });
    await expect(leave()).rejects.toMatchObject({ code: 'not_member' });
  });
});

describe('the loser of a name', () => {
  it('is shown and found as name~hex, and may take a new name', async () => {
    const race = new World();
    const winner = await race.user('bob');
    const loser = await race.user('temp');
    // What replication leaves behind: two users of one name, of whom one holds it.
    const row = (await race.store.get('user', loser.uid))!.value;
    const uid = `${winner.uid.slice(0, 4) === loser.uid.slice(0, 4) ? 'ffff' : loser.uid.slice(0, 4)}${'0'.repeat(28)}`;
    await race.store.commit([{ entity: 'user', key: uid, value: { ...row, name: 'Bob' } }], []);
    const shown = `Bob~${uid.slice(0, 4)}`;
    const gid = await winner.createGroup('g');
    const lost = new Person(race, uid, 'temp', loser.device);
    await lost.run('joinGroup', { gid });
    expect(await winner.run('listRequests', { gid })).toMatchObject([{ user: shown, userId: uid }]);
    await winner.run('decideRequest', { gid, user: shown.toLowerCase(), decision: 'accept' });
    await expect(winner.run('renameUser', { name: 'other' })).rejects.toMatchObject({ code: 'name_conflict' });
    await expect(lost.run('renameUser', { name: 'BOB' })).rejects.toMatchObject({ code: 'user_exists' });
    await expect(lost.run('renameUser', { name: 'no good' })).rejects.toMatchObject({ code: 'bad_name' });
    await lost.run('renameUser', { name: 'robert' });
    expect((await winner.run('listMembers', { gid })).map((member) => member.user)).toEqual(['bob', 'robert']);
    await expect(lost.run('renameUser', { name: 'again' })).rejects.toMatchObject({ code: 'name_conflict' });
  });
});
