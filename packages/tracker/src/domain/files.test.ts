import { describe, expect, it } from 'vitest';
import { World } from '../testing/world.ts';
import { keys } from './entities.ts';

async function team(limits = {}) {
  const world = new World(limits);
  const [alice, bob, carol] = [await world.user('alice'), await world.user('bob'), await world.user('carol')];
  const gid = await alice.createGroup('team');
  await bob.joins(gid, alice);
  return { world, alice, bob, carol, gid };
}

describe('the catalogue', () => {
  it('lists a content once, however many share it, until the last intent ends; then the name is free', async () => {
    const { alice, bob, gid } = await team();
    const laptop = await alice.onAnotherDevice();
    const infoHash = await alice.shares(gid, 'a.bin');
    await alice.run('share', { gid, infoHash });
    await laptop.run('share', { gid, infoHash });
    await bob.run('share', { gid, infoHash });
    expect(await bob.run('listFiles', { gid })).toMatchObject([
      { name: 'a.bin', infoHash, by: 'alice', sharedByYou: true },
    ]);
    await expect(bob.shares(gid, 'a.bin')).rejects.toMatchObject({
      code: 'name_taken',
      message: "'team' lists other content as 'a.bin', shared by alice: choose another name with --name",
    });
    for (const device of [alice, laptop]) await device.run('stopShare', { gid, infoHash });
    expect(await alice.run('listFiles', { gid })).toMatchObject([{ name: 'a.bin', sharedByYou: false }]);
    await bob.run('stopShare', { gid, infoHash });
    expect(await bob.files(gid)).toEqual([]);
    await expect(bob.run('stopShare', { gid, infoHash })).rejects.toMatchObject({ code: 'no_such_file' });
    await bob.shares(gid, 'a.bin');
    expect(await alice.run('listFiles', { gid })).toMatchObject([{ by: 'bob' }]);
    await alice.shares(gid, 'A.bin');
    expect(await alice.files(gid)).toEqual(['A.bin', 'a.bin']);
  });

  it('is not given anew what somebody only fetched: it was removed meanwhile', async () => {
    const { alice, bob, gid } = await team();
    const infoHash = await alice.shares(gid, 'a.bin');
    await alice.run('removeFile', { gid, name: 'a.bin' });
    await expect(bob.run('share', { gid, infoHash, ifListed: true })).rejects.toMatchObject({ code: 'no_such_file' });
    expect(await bob.files(gid)).toEqual([]);
    await alice.run('share', { gid, infoHash });
    await bob.run('share', { gid, infoHash, ifListed: true });
    await alice.run('stopShare', { gid, infoHash });
    expect(await bob.run('listFiles', { gid })).toMatchObject([{ name: 'a.bin', sharedByYou: true }]);
  });

  it('needs the metainfo first', async () => {
    const { alice, gid } = await team();
    await expect(alice.run('share', { gid, infoHash: 'ab'.repeat(20) })).rejects.toMatchObject({ code: 'protocol' });
  });

  it('is for members only, in every way to ask', async () => {
    const { alice, carol, gid } = await team();
    const infoHash = await alice.shares(gid, 'a.bin');
    const asked = [
      carol.run('listFiles', { gid }),
      carol.run('findFile', { gid, name: 'a.bin' }),
      carol.run('fileOf', { gid, infoHash }),
      carol.run('listMembers', { gid }),
      carol.run('membersAmong', { gid, uids: [alice.uid] }),
      carol.run('mayStoreBlob', { gid, blobBytes: 1 }),
      carol.run('share', { gid, infoHash }),
      carol.run('stopShare', { gid, infoHash }),
      carol.run('removeFile', { gid, name: 'a.bin' }),
      carol.run('leaveGroup', { gid }),
    ];
    for (const answer of asked) {
      await expect(answer).rejects.toMatchObject({
        code: 'not_member',
        message: "you are not a member of 'team': ask with join_group team",
      });
    }
  });

  it('loses what a member shared who leaves or is removed, and keeps what others share too', async () => {
    const { alice, bob, carol, gid } = await team();
    await carol.joins(gid, alice);
    const common = await bob.shares(gid, 'common.bin');
    await bob.shares(gid, 'bobs.bin');
    await carol.run('share', { gid, infoHash: common });
    await carol.shares(gid, 'carols.bin');
    await alice.run('removeMember', { gid, user: 'bob' });
    expect(await alice.files(gid)).toEqual(['carols.bin', 'common.bin']);
    expect(await bob.run('myShares', {})).toEqual([]);
    await carol.run('leaveGroup', { gid });
    expect(await alice.files(gid)).toEqual([]);
  });

  it('lets the owner and the first sharer take an entry out for all', async () => {
    const { alice, bob, carol, gid } = await team();
    await carol.joins(gid, alice);
    const infoHash = await bob.shares(gid, 'a.bin');
    await carol.run('share', { gid, infoHash });
    await expect(carol.run('removeFile', { gid, name: 'a.bin' })).rejects.toMatchObject({ code: 'not_owner' });
    await expect(bob.run('removeFile', { gid, name: 'b.bin' })).rejects.toMatchObject({
      code: 'no_such_file',
      message: "'team' lists no file 'b.bin': list_files shows what it lists",
    });
    await bob.run('removeFile', { gid, name: 'a.bin' });
    expect(await carol.run('myShares', {})).toEqual([]);
    await bob.run('share', { gid, infoHash });
    await alice.run('removeFile', { gid, name: 'a.bin' });
    expect(await bob.files(gid)).toEqual([]);
  });

  it('tells a device what it shares, also in several groups', async () => {
    const { alice, bob, gid } = await team();
    const other = await bob.createGroup('other');
    const first = await bob.shares(gid, 'a.bin');
    const second = await bob.shares(other, 'b.bin');
    const laptop = await bob.onAnotherDevice();
    const shares = await bob.run('myShares', {});
    expect(shares).toHaveLength(2);
    expect(shares).toEqual(
      expect.arrayContaining([
        { group: gid, infoHash: first, name: 'a.bin' },
        { group: other, infoHash: second, name: 'b.bin' },
      ]),
    );
    expect(await laptop.run('myShares', {})).toEqual([]);
    expect(await alice.run('myShares', {})).toEqual([]);
  });

  it('is bounded in entries and in metainfo', async () => {
    const { alice, bob, gid } = await team({ entriesPerGroup: 2, blobBytesPerGroup: 250 });
    const infoHash = await alice.shares(gid, '1');
    await alice.shares(gid, '2');
    await expect(alice.shares(gid, '3')).rejects.toMatchObject({ code: 'limit' });
    await bob.run('share', { gid, infoHash });
    await expect(bob.run('mayStoreBlob', { gid, blobBytes: 1 })).rejects.toMatchObject({ code: 'limit' });
  });

  it('shows and finds a content that lost its name as name~hex', async () => {
    const { world, alice, bob, gid } = await team();
    const loser = await alice.shares(gid, 'a.bin');
    const winner = await bob.shares(gid, 'temp');
    // What replication leaves behind: two contents of one name, of which the one listed first holds it.
    const content = (await world.store.get('content', keys.content(gid, winner)))!.value;
    const { store } = world;
    await store.commit(
      [{ entity: 'content', key: keys.content(gid, winner), value: { ...content, name: 'a.bin', addedAt: 1 } }],
      [],
    );
    await store.commit(
      [{ entity: 'file_name', key: keys.fileName(gid, 'a.bin', winner), value: { infoHash: winner } }],
      [],
    );
    const shown = `a.bin~${loser.slice(0, 4)}`;
    expect(await bob.files(gid)).toEqual(['a.bin', shown]);
    expect(await bob.run('findFile', { gid, name: shown })).toMatchObject({ name: shown, infoHash: loser });
    expect(await bob.run('findFile', { gid, name: 'a.bin' })).toMatchObject({ infoHash: winner });
    await alice.run('stopShare', { gid, infoHash: loser });
    expect(await bob.files(gid)).toEqual(['a.bin']);
  });
});

describe('metainfo', () => {
  it('is forgotten when nothing lists it, some time after it was stored', async () => {
    const { world, alice, gid } = await team();
    const listed = await alice.shares(gid, 'listed');
    const ended = await alice.shares(gid, 'ended');
    await alice.run('stopShare', { gid, infoHash: ended });
    const now = world.store.now();
    expect(await world.writer.run('unreferencedBlobs', { storedBefore: 0 })).toEqual([]);
    expect(await world.writer.run('unreferencedBlobs', { storedBefore: now })).toEqual([{ gid, infoHash: ended }]);
    expect(await world.writer.run('forgetBlob', { gid, infoHash: listed })).toEqual({ forgotten: false });
    expect(await world.writer.run('forgetBlob', { gid, infoHash: ended })).toEqual({ forgotten: true });
    await expect(alice.run('share', { gid, infoHash: ended })).rejects.toMatchObject({ code: 'protocol' });
  });
});
