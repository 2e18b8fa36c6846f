import { foldName, PeerageError } from '@peerage/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Person, World } from '../testing/world.ts';
import { keys } from './entities.ts';
import { indexRows } from './indexes.ts';

/** Commands of some people, in any order; each one is right or refused, and what holds for a tracker's rows holds after each. */

const NAMES = ['ann', 'Ben', 'cem', 'dan'];
const GROUPS = ['red', 'RED', 'blue'];
const CONTENTS = ['1', '2', '3'].map((digit) => digit.repeat(40));

const pick = (count: number) => fc.integer({ min: 0, max: count - 1 });
const step = fc.record({
  who: pick(NAMES.length),
  whom: pick(NAMES.length),
  group: pick(5),
  content: pick(CONTENTS.length),
  kind: fc.constantFrom(
    'createGroup',
    'joinGroup',
    'accept',
    'accept',
    'reject',
    'leaveGroup',
    'removeMember',
    'handOverGroup',
    'share',
    'share',
    'stopShare',
    'removeFile',
    'logOut',
    'revokeOther',
  ),
  twice: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Run {
  readonly world = new World({ applicationWaitMs: [0] });
  readonly people: Person[] = [];
  readonly groups: string[] = [];

  async take({ who, whom, group, content, kind, twice }: Step): Promise<void> {
    const person = this.people[who]!;
    const other = NAMES[whom]!;
    const gid = this.groups[group % Math.max(1, this.groups.length)] ?? 'f'.repeat(32);
    const infoHash = CONTENTS[content]!;
    const caller = person.as();
    const { writer } = this.world;
    this.world.nowMs += 1;
    const command = async () => {
      switch (kind) {
        case 'createGroup': {
          const name = GROUPS[group % GROUPS.length]!;
          const creation = { name, device: '', nonce: '', signature: '' };
          const made = this.groups.length.toString(16).padStart(32, '0');
          await writer.run('createGroup', { gid: made, creation, labelKey: '00'.repeat(32) }, caller);
          this.groups.push(made);
          return;
        }
        case 'accept':
        case 'reject':
          return writer.run('decideRequest', { gid, user: other, decision: kind }, caller);
        case 'joinGroup':
        case 'leaveGroup':
          return writer.run(kind, { gid }, caller);
        case 'removeMember':
        case 'handOverGroup':
          return writer.run(kind, { gid, user: other }, caller);
        case 'share': {
          // Two of the three contents want one name.
          const about = { name: content < 2 ? 'same' : 'else', sizeBytes: 1, pieces: 1, sha1: infoHash, blobBytes: 1 };
          await writer.run('rememberBlob', { gid, infoHash, about });
          return writer.run(kind, { gid, infoHash }, caller);
        }
        case 'stopShare':
          return writer.run(kind, { gid, infoHash }, caller);
        case 'removeFile':
          return writer.run(kind, { gid, name: content < 2 ? 'same' : 'else' }, caller);
        case 'logOut':
          await writer.run(kind, {}, caller);
          return person.login();
        case 'revokeOther': {
          const laptop = await person.onAnotherDevice();
          await laptop.run('share', { gid, infoHash }).catch(onlyRefused);
          return writer.run('revokeDevice', { device: laptop.device }, caller);
        }
      }
    };
    const took = await command().then(() => true, onlyRefused);
    if (!took || !twice || kind === 'createGroup' || kind === 'logOut' || kind === 'revokeOther') return;
    const before = await this.dump();
    await command();
    expect(await this.dump()).toEqual(before);
  }

  async check(): Promise<void> {
    const { store } = this.world;
    const listings = await Promise.all(this.people.map((person) => person.run('listGroups', {})));
    const listed = listings[0]!;
    expect(new Set(listed.map((group) => foldName(group.name))).size).toBe(listed.length);
    for (const { id: gid, owner, members } of listed) {
      const standings = listings.map((listing) => listing.find((group) => group.id === gid)!.standing);
      expect(standings.filter((standing) => standing === 'owner')).toHaveLength(1);
      expect(owner).toBe(NAMES[standings.indexOf('owner')]);
      expect(standings.filter((standing) => standing === 'owner' || standing === 'member')).toHaveLength(members);
      for (const [index, person] of this.people.entries()) {
        const isMember = standings[index] === 'owner' || standings[index] === 'member';
        const seen = await person.run('listFiles', { gid }).catch((error: PeerageError) => error.code);
        if (isMember) expect(new Set((seen as { name: string }[]).map((file) => file.name)).size).toBe(seen.length);
        else expect(seen).toBe('not_member');
      }
    }
    const living = new Set(listed.map((group) => group.id));
    for (const { key } of await store.scan('intent', '')) {
      const [gid = '', infoHash = '', uid = ''] = key.split('/');
      expect(living).toContain(gid);
      expect((await store.get('membership', keys.membership(gid, uid)))?.value.state).toBe('member');
      expect(await store.get('content', keys.content(gid, infoHash))).toBeDefined();
    }
    expect(await store.count('file_name', '')).toBe(await store.count('content', ''));
    await this.#checkIndexes();
  }

  async #checkIndexes(): Promise<void> {
    const { store } = this.world;
    for (const [entity, index] of [
      ['membership', 'membership_of_user'],
      ['intent', 'intent_of_device'],
      ['content', 'file_name'],
    ] as const) {
      const rows = await store.scan(entity, '');
      const wanted = rows.flatMap((row) => indexRows(row)).filter((put) => put.value !== null && put.entity === index);
      const found = await store.scan(index, '');
      const plain = (puts: readonly { key: string; value: unknown }[]) =>
        new Map(puts.map(({ key, value }) => [key, value]));
      expect(plain(found)).toEqual(plain(wanted));
    }
  }

  async dump(): Promise<unknown> {
    const { store } = this.world;
    const entities = [
      'membership',
      'preferred_owner',
      'content',
      'file_name',
      'intent',
      'group_name',
      'command',
    ] as const;
    return Promise.all(
      entities.map(async (entity) => (await store.scan(entity, '')).map(({ key, value }) => [key, value])),
    );
  }
}

function onlyRefused(error: unknown): false {
  if (!(error instanceof PeerageError)) throw error;
  return false;
}

it('every sequence of commands leaves one owner a living group, nothing to non-members, and no loose ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const run = new Run();
      for (const name of NAMES) run.people.push(await run.world.user(name));
      for (const one of steps) {
        await run.take(one);
        await run.check();
      }
    }),
    { numRuns: 40 },
  );
}, 30_000);
