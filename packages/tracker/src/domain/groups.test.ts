import { describe, expect, it } from 'vitest';
import { World } from '../testing/world.ts';
import { keys } from './entities.ts';
import { put } from './rule.ts';

const HOUR_MS = 3_600_000;

async function team(limits = {}) {
  const world = new World(limits);
  const [alice, bob, carol] = [await world.user('alice'), await world.user('bob'), await world.user('carol')];
  return { world, alice, bob, carol, gid: await alice.createGroup('team') };
}

describe('join requests', () => {
  it('say what they wait for, and are decided once', async () => {
    const { world, alice, bob, gid } = await team();
    await bob.run('joinGroup', { gid });
    const waiting = "you are not a member of 'team': your request is pending since 10:12 UTC";
    await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({ code: 'request_pending', message: waiting });
    await expect(bob.run('listFiles', { gid })).rejects.toMatchObject({ code: 'not_member', message: waiting });
    world.nowMs += 25 * HOUR_MS;
    await expect(bob.run('listFiles', { gid })).rejects.toThrow('pending since 10:12 UTC 1 day ago');
    await alice.run('decideRequest', { gid, user: 'BOB', decision: 'accept' });
    for (const decision of ['accept', 'reject'] as const) {
      await expect(alice.run('decideRequest', { gid, user: 'bob', decision })).rejects.toMatchObject({
        code: 'already_decided',
        message: "bob's request was accepted by alice at 11:12 UTC",
      });
    }
    await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({ code: 'already_member' });
  });

  it('are decided by the owner only, of people who asked', async () => {
    const { alice, bob, carol, gid } = await team();
    await bob.joins(gid, alice);
    await carol.run('joinGroup', { gid });
    for (const person of [bob, carol]) {
      await expect(person.run('decideRequest', { gid, user: 'carol', decision: 'accept' })).rejects.toMatchObject({
        code: 'not_owner',
        message: "only the owner of 'team' may decide join requests",
      });
      await expect(person.run('listRequests', { gid })).rejects.toMatchObject({ code: 'not_owner' });
    }
    const decide = (user: string) => alice.run('decideRequest', { gid, user, decision: 'accept' });
    await expect(decide('nobody')).rejects.toMatchObject({
      code: 'no_such_user',
      message: "there is no user 'nobody': check how the name is written",
    });
    await expect(decide('alice')).rejects.toMatchObject({
      code: 'no_such_request',
      message: "'team' has no pending request from 'alice': list_requests shows who asks",
    });
    expect(await alice.run('listRequests', { gid })).toMatchObject([{ user: 'carol', userId: carol.uid }]);
    expect((await alice.run('listGroups', {}))[0]).toMatchObject({ standing: 'owner', requests: 1 });
    expect((await bob.run('listGroups', {}))[0]).not.toHaveProperty('requests');
  });

  it('wait longer after each rejection and removal', async () => {
    const { world, alice, bob, gid } = await team();
    const refusedUntil = async (what: RegExp, waitMs: number) => {
      await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({
        code: 'throttled',
        message: expect.stringMatching(what),
      });
      world.nowMs += waitMs - 1;
      await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({ code: 'throttled' });
      world.nowMs += 2;
      await bob.run('joinGroup', { gid });
    };
    await bob.run('joinGroup', { gid });
    await alice.run('decideRequest', { gid, user: 'bob', decision: 'reject' });
    await refusedUntil(
      /^your request to join 'team' was rejected at 10:12 UTC: you can ask again at 11:12 UTC$/,
      HOUR_MS,
    );
    await alice.run('decideRequest', { gid, user: 'bob', decision: 'accept' });
    await alice.run('removeMember', { gid, user: 'bob' });
    await refusedUntil(
      /^you were removed from 'team' at 11:12 UTC: you can ask again at 11:12 UTC in 1 day$/,
      24 * HOUR_MS,
    );
    await alice.run('decideRequest', { gid, user: 'bob', decision: 'reject' });
    await refusedUntil(/in 7 days$/, 7 * 24 * HOUR_MS);
    await alice.run('decideRequest', { gid, user: 'bob', decision: 'accept' });
    await bob.run('leaveGroup', { gid });
    await bob.run('joinGroup', { gid });
  });

  it('wait, once there were many, also where nobody refused: each leaves a row', async () => {
    const { world, alice, bob, carol, gid } = await team({ promptApplications: 3 });
    for (let time = 0; time < 3; time++) {
      await bob.joins(gid, alice);
      await bob.run('leaveGroup', { gid });
    }
    await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({
      code: 'throttled',
      message: expect.stringMatching(
        /^you asked to join 'team' 3 times, the last of which ended at \d\d:\d\d UTC: you can ask again at .+ in 7 days$/,
      ),
    });
    expect(await world.store.count('application', keys.application(gid, bob.uid, ''))).toBe(3);
    await carol.joins(gid, alice);
    world.nowMs += 7 * 24 * HOUR_MS;
    await bob.joins(gid, alice);
    await bob.run('leaveGroup', { gid });
    await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject({ code: 'throttled' });
  });

  it('are bounded for a user and for a group', async () => {
    const { world, alice, bob, carol, gid } = await team({
      openRequestsPerUser: 2,
      groupsPerUser: 3,
      pendingPerGroup: 1,
    });
    await bob.run('joinGroup', { gid });
    await expect(carol.run('joinGroup', { gid })).rejects.toMatchObject({ code: 'limit' });
    const second = await alice.createGroup('second');
    const third = await alice.createGroup('third');
    await expect(alice.createGroup('fourth')).rejects.toMatchObject({ code: 'limit' });
    await bob.run('joinGroup', { gid: second });
    await expect(bob.run('joinGroup', { gid: third })).rejects.toMatchObject({ code: 'limit' });
    await alice.run('leaveGroup', { gid: second }); // ended: that request waits for nobody
    await bob.run('joinGroup', { gid: third });
    for (const name of ['b1', 'b2', 'b3']) await bob.createGroup(name);
    await expect(alice.run('decideRequest', { gid, user: 'bob', decision: 'accept' })).rejects.toMatchObject({
      code: 'limit',
      message: expect.stringContaining("'bob' is a member of 3 groups"),
    });
    await alice.run('decideRequest', { gid, user: 'bob', decision: 'reject' });
    expect(await (await world.user('dave')).standing(gid)).toBe('none');
  });
});

describe('ownership', () => {
  it('goes to the longest-standing member, and does not come back with the founder', async () => {
    const { alice, bob, carol, gid } = await team();
    await carol.joins(gid, alice);
    await bob.joins(gid, alice);
    expect(await alice.run('leaveGroup', { gid })).toMatchObject({ ended: false, newOwner: 'carol' });
    expect(await carol.standing(gid)).toBe('owner');
    await alice.joins(gid, carol);
    expect(await alice.standing(gid)).toBe('member');
    expect(await bob.run('leaveGroup', { gid })).toMatchObject({ ended: false });
    expect((await carol.run('listMembers', { gid })).map(({ user, role }) => [user, role])).toEqual([
      ['carol', 'owner'],
      ['alice', 'member'],
    ]);
  });

  it('is handed over by the owner to a member, and only back by that one', async () => {
    const { alice, bob, carol, gid } = await team();
    await bob.joins(gid, alice);
    const handOver = (by: typeof alice, user: string) => by.run('handOverGroup', { gid, user });
    await expect(handOver(alice, 'carol')).rejects.toMatchObject({ code: 'not_member' });
    await expect(handOver(alice, 'alice')).rejects.toMatchObject({ code: 'usage' });
    await expect(handOver(bob, 'bob')).rejects.toMatchObject({ code: 'not_owner' });
    await expect(handOver(carol, 'bob')).rejects.toMatchObject({ code: 'not_owner' });
    await handOver(alice, 'bob');
    expect([await alice.standing(gid), await bob.standing(gid)]).toEqual(['member', 'owner']);
    await expect(handOver(alice, 'alice')).rejects.toMatchObject({ code: 'not_owner' });
    await handOver(bob, 'alice');
    expect([await alice.standing(gid), await bob.standing(gid)]).toEqual(['owner', 'member']);
  });

  it('ends with the last member: nobody can tell the group from one that never was, and its name is free', async () => {
    const { alice, bob, carol, gid } = await team();
    await bob.run('joinGroup', { gid });
    await alice.shares(gid, 'a.bin');
    expect(await alice.run('leaveGroup', { gid })).toMatchObject({ ended: true });
    const gone = { code: 'no_such_group' };
    await expect(alice.run('listFiles', { gid })).rejects.toMatchObject(gone);
    await expect(bob.run('joinGroup', { gid })).rejects.toMatchObject(gone);
    const messages = await Promise.all(
      [gid, 'f'.repeat(32)].map((group) =>
        alice.run('listFiles', { gid: group }).catch((error: Error) => error.message),
      ),
    );
    expect(messages[0]).toBe(messages[1]);
    await expect(carol.run('findGroup', { name: 'team' })).rejects.toMatchObject(gone);
    expect(await carol.run('listGroups', {})).toEqual([]);
    const next = await carol.createGroup('Team');
    expect(await bob.standing(next)).toBe('none');
    expect((await bob.run('findGroup', { name: 'TEAM' })).id).toBe(next);
  });

  it('lets nobody be removed but members, and nobody remove himself', async () => {
    const { alice, bob, carol, gid } = await team();
    await bob.joins(gid, alice);
    const remove = (user: string, by = alice) => by.run('removeMember', { gid, user });
    await expect(remove('carol')).rejects.toMatchObject({
      code: 'not_member',
      message: "'carol' is not a member of 'team'",
    });
    await expect(remove('alice')).rejects.toMatchObject({ code: 'usage' });
    await expect(remove('alice', bob)).rejects.toMatchObject({ code: 'not_owner' });
    await expect(remove('alice', carol)).rejects.toMatchObject({ code: 'not_owner' });
    await remove('bob');
    await expect(bob.run('listMembers', { gid })).rejects.toMatchObject({
      code: 'not_member',
      message: "you are not a member of 'team': you were removed at 10:12 UTC",
    });
  });
});

describe('group names', () => {
  it('are checked and unique, whatever their case', async () => {
    const { alice, bob } = await team();
    await expect(bob.createGroup('TEAM')).rejects.toMatchObject({
      code: 'group_exists',
      message: "the group id 'TEAM' is taken: choose another one",
    });
    await expect(alice.createGroup('my team')).rejects.toMatchObject({ code: 'bad_name' });
  });

  it('of a group that lost its own are name~hex until the owner takes another', async () => {
    const { world, alice, bob, gid } = await team();
    await bob.joins(gid, alice);
    await expect(alice.run('renameGroup', { gid, name: 'crew' })).rejects.toMatchObject({ code: 'name_conflict' });
    // What replication leaves behind: the name belongs to another group.
    const other = await bob.createGroup('other');
    await world.store.commit(
      [
        put('group_name', keys.claim('team', other), { claimedAt: 1, settled: false }),
        put('group', other, { ...(await world.store.get('group', other))!.value, name: 'team', renamedAt: 1 }),
      ],
      [],
    );
    const shown = `team~${gid.slice(0, 4)}`;
    expect((await bob.run('findGroup', { name: shown.toUpperCase() })).name).toBe(shown);
    await expect(bob.run('renameGroup', { gid, name: 'crew' })).rejects.toMatchObject({ code: 'not_owner' });
    await expect(alice.run('renameGroup', { gid, name: 'Team' })).rejects.toMatchObject({ code: 'group_exists' });
    await alice.run('renameGroup', { gid, name: 'crew' });
    expect((await bob.run('findGroup', { name: 'Crew' })).id).toBe(gid);
  });
});
