import { describe, expect, it } from 'vitest';
import type { OperationName, userCommands } from '../domain/operations.ts';
import { groupId, ReplicaModel } from '../testing/replica-model.ts';

/** Every command that changes something, executed at one tracker, its reply lost, and sent again to another that had not heard of it: one effect. */

const team = groupId(0);
const infoHash = '1'.repeat(40);

interface Case {
  /** What has to be so before. */
  readonly before?: (model: ReplicaModel) => Promise<unknown>;
  readonly input: object;
  /** Number of the person who commands: 0 owns the team, 1 is a member. */
  readonly by: number;
}

const creation = (name: string) => ({ name, device: '', nonce: '', signature: '' });
const shared = (model: ReplicaModel) => model.share(0, model.person(1), team, 1);

const cases: Readonly<Record<keyof typeof userCommands, Case>> = {
  changePassword: { input: { verifiedHash: 'h', nextHash: 'other' }, by: 1 },
  createGroup: { input: { gid: groupId(7), creation: creation('crew'), labelKey: 'k' }, by: 1 },
  decideRequest: {
    before: (model) => model.run(0, 'joinGroup', { gid: team }, model.person(2)),
    input: { gid: team, user: 'cem', decision: 'accept' },
    by: 0,
  },
  handOverGroup: { input: { gid: team, user: 'ben' }, by: 0 },
  joinGroup: { input: { gid: team }, by: 2 },
  leaveGroup: { input: { gid: team }, by: 0 },
  logOut: { input: {}, by: 1 },
  removeFile: { before: shared, input: { gid: team, name: 'odd' }, by: 0 },
  removeMember: { input: { gid: team, user: 'ben' }, by: 0 },
  renameGroup: { before: loseName('group'), input: { gid: team, name: 'crew' }, by: 0 },
  renameUser: { before: loseName('user'), input: { name: 'bea' }, by: 1 },
  revokeDevice: {
    before: (model) => model.logIn(0, 1, 1),
    input: { device: new ReplicaModel(1).person(1, 1).device },
    by: 1,
  },
  share: { input: { gid: team, infoHash }, by: 1 },
  stopShare: { before: shared, input: { gid: team, infoHash }, by: 1 },
};

/** Somebody made the same name earlier, on the other side of a cut that is over. */
function loseName(kind: 'user' | 'group'): (model: ReplicaModel) => Promise<void> {
  return async (model) => {
    const [name, rival] = kind === 'user' ? ['ben', 'e'.repeat(32)] : ['red', groupId(9)];
    const { store } = model.trackers[0]!;
    const member = { state: 'member', application: 0, applicationId: 'e', since: 1, decidedBy: null, refusals: 0 };
    const row = { creation: creation(name!), name: name!, renamedAt: 0, creator: 'e'.repeat(32) };
    const claims = [
      { entity: `${kind}_name`, key: `${name}/${rival}`, value: { claimedAt: 1, settled: true } },
      { entity: kind, key: rival!, value: row },
      { entity: 'application', key: `${rival}/${'e'.repeat(32)}/e`, value: member },
      { entity: 'membership', key: `${rival}/${'e'.repeat(32)}`, value: member },
      { entity: 'membership_of_user', key: `${'e'.repeat(32)}/${rival}`, value: { state: 'member' } },
    ];
    await store.commit(claims as never, []);
  };
}

async function world(): Promise<ReplicaModel> {
  const model = new ReplicaModel(2);
  for (const who of [0, 1, 2]) {
    await model.createUser(0, who);
    await model.logIn(0, who, 0);
  }
  await model.run(0, 'createGroup', { gid: team, creation: creation('red'), labelKey: '' }, model.person(0));
  await model.run(0, 'joinGroup', { gid: team }, model.person(1));
  await model.run(0, 'decideRequest', { gid: team, user: 'ben', decision: 'accept' }, model.person(0));
  return model;
}

/** What everybody sees, without times, at one tracker. */
async function views(model: ReplicaModel, at: number): Promise<string[]> {
  const { writer, store } = model.trackers[at]!;
  const seen: unknown[] = [];
  for (const who of [0, 1, 2]) {
    const actor = model.person(who);
    const ask = (name: OperationName, input: object) =>
      writer.run(name, input as never, ...([{ actor }] as never)).catch((error: { code: string }) => error.code);
    seen.push(await ask('listGroups', {}), await ask('listDevices', {}));
    for (const gid of [team, groupId(7)]) {
      for (const name of ['listMembers', 'listRequests', 'listFiles'] as const) seen.push(await ask(name, { gid }));
    }
    seen.push((await store.get('credential', actor.uid))?.value.hash, await ask('nameOf', { uid: actor.uid }));
    seen.push((await store.scan('revocation', '')).map((row) => row.key));
  }
  const withoutTimes = (key: string, value: unknown) => (/^(since|addedAt|requestedAt)$/.test(key) ? undefined : value);
  return seen.map((one) => JSON.stringify(one, withoutTimes));
}

describe.each(Object.entries(cases) as [keyof typeof userCommands, Case][])('%s', (name, { before, input, by }) => {
  const play = async (isRetried: boolean) => {
    const model = await world();
    await before?.(model);
    if (name === 'share') {
      const about = { name: 'odd', sizeBytes: 1, pieces: 1, sha1: infoHash, blobBytes: 1 };
      for (const { writer } of model.trackers) await writer.run('rememberBlob', { gid: team, infoHash, about });
    }
    await model.pull(1, 0);
    const unchanged = await views(model, 1);
    expect(await model.run(0, name, input, model.person(by))).toBe(true);
    if (isRetried) expect(await model.retry(1)).toBe(true);
    await model.settle();
    await model.check();
    const changed = await views(model, 1);
    expect(changed).not.toEqual(unchanged);
    return changed;
  };

  it('has one effect, and what was made is still its own', async () => {
    expect(await play(true)).toEqual(await play(false));
  });
});

describe('what a retry may not undo', () => {
  it('a password that was changed after its account was made', async () => {
    const model = new ReplicaModel(2);
    await model.createUser(0, 0);
    await model.logIn(0, 0, 0);
    await model.run(0, 'changePassword', { verifiedHash: 'h', nextHash: 'changed' }, model.person(0));
    await model.createUser(1, 0);
    await model.settle();
    await model.check();
    expect((await model.trackers[1]!.store.get('credential', model.person(0).uid))?.value.hash).toBe('changed');
  });

  it('a hand-over, when the heir leaves on the other side: who is left owns the group', async () => {
    const model = await world();
    await model.run(0, 'joinGroup', { gid: team }, model.person(2));
    await model.run(0, 'decideRequest', { gid: team, user: 'cem', decision: 'accept' }, model.person(0));
    await model.pull(1, 0);
    expect(await model.run(0, 'leaveGroup', { gid: team }, model.person(0))).toBe(true); // ben is the heir
    expect(await model.run(1, 'leaveGroup', { gid: team }, model.person(1))).toBe(true);
    await model.settle();
    await model.check();
    const groups = await model.trackers[1]!.writer.run('listGroups', {}, { actor: model.person(2) });
    expect(groups).toMatchObject([{ owner: 'cem', members: 1, standing: 'owner' }]);
  });

  it('a removal, when the other side goes on certifying for a day: what seeders here are told still says so', async () => {
    const model = await world();
    await model.pull(1, 0);
    expect(await model.run(0, 'removeMember', { gid: team, user: 'ben' }, model.person(0))).toBe(true);
    model.cut(0, 1);
    const [revoked] = await model.trackers[0]!.store.scan('revocation', '');
    expect(revoked!.key).toMatch(/^application\//);
    for (let hour = 0; hour < 24; hour++) {
      model.pass(3_600_000);
      await model.maintain(0);
      await model.maintain(1);
      const renewed = { gids: [team], nowMs: model.nowMs, trustMs: 3_900_000 };
      const certified = await model.trackers[1]!.writer.run('certifiable', renewed, { actor: model.person(1) });
      expect(certified.memberships.map(({ application }) => `application/${application}`)).toEqual([revoked!.key]);
      expect((await model.trackers[0]!.store.scan('revocation', '')).map((row) => row.key)).toContain(revoked!.key);
    }
    await model.settle();
    await model.check();
    const renewed = { gids: [team], nowMs: model.nowMs, trustMs: 3_900_000 };
    const after = await model.trackers[1]!.writer.run('certifiable', renewed, { actor: model.person(1) });
    expect(after.memberships).toEqual([]);
  });
});
