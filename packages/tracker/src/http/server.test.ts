import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PeerageError, trackerRoutes } from '@peerage/contract';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcessChannel, startInProcess } from '../testing/in-process.ts';
import { testFolder, testMetainfo } from '../testing/metainfo.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

const tracker = startInProcess();
const device = (source = '127.0.0.1') => new TestDevice(tracker.sendFrom(source));
const ask = async (request: InjectOptions) => {
  const answer = await tracker.server.inject(request);
  return { status: answer.statusCode, body: answer.json<{ code: string; message: string }>() };
};

const alice = device();
const bob = device();
let group = '';

beforeAll(async () => {
  await alice.createUser('alice');
  await alice.login('alice');
  await bob.createUser('bob');
  await bob.login('bob');
  group = await alice.createGroup('team');
});
afterAll(() => tracker.close());

const bearer = () => ({ authorization: `Bearer ${alice.token}` });
const json = { 'content-type': 'application/json' };

describe('what does not fit the contract', () => {
  it.each<[string, () => InjectOptions, number, string]>([
    ['an unknown path', () => ({ method: 'GET', url: '/nothing' }), 400, 'protocol'],
    ['an unknown method', () => ({ method: 'DELETE', url: '/v1/users' }), 400, 'protocol'],
    ['another method of a path', () => ({ method: 'PUT', url: '/v1/events', headers: bearer() }), 400, 'protocol'],
    ['bad JSON', () => ({ method: 'POST', url: '/v1/sessions', headers: json, payload: '{"name":' }), 400, 'protocol'],
    ['no JSON', () => ({ method: 'POST', url: '/v1/sessions', headers: json, payload: '' }), 400, 'protocol'],
    [
      'a prototype',
      () => ({ method: 'POST', url: '/v1/sessions', headers: json, payload: '{"__proto__":{}}' }),
      400,
      'protocol',
    ],
    ['no body', () => ({ method: 'POST', url: '/v1/sessions' }), 400, 'protocol'],
    [
      'a wrong type',
      () => ({ method: 'POST', url: '/v1/sessions', headers: json, payload: '{"name":1}' }),
      400,
      'protocol',
    ],
    [
      'a field too many',
      () => ({
        method: 'POST',
        url: '/v1/challenges',
        payload: { user: 'a'.repeat(32), device: 'b'.repeat(64), x: 1 },
      }),
      400,
      'protocol',
    ],
    [
      'another media type',
      () => ({ method: 'POST', url: '/v1/sessions', headers: { 'content-type': 'text/plain' }, payload: 'x' }),
      400,
      'protocol',
    ],
    [
      'metainfo as JSON',
      () => ({
        method: 'PUT',
        url: `/v1/groups/${group}/metainfo/${'a'.repeat(40)}`,
        headers: { ...bearer(), ...json },
        payload: '{}',
      }),
      400,
      'protocol',
    ],
    [
      'JSON as bytes',
      () => ({
        method: 'POST',
        url: '/v1/sessions',
        headers: { 'content-type': 'application/octet-stream' },
        payload: '{"name":"alice"}',
      }),
      400,
      'protocol',
    ],
    ['an id of another form', () => ({ method: 'GET', url: '/v1/groups/x/files', headers: bearer() }), 400, 'protocol'],
    ['a bad escape', () => ({ method: 'GET', url: '/v1/groups/by-name/%zz', headers: bearer() }), 400, 'protocol'],
    [
      'a long body',
      () => ({
        method: 'POST',
        url: '/v1/sessions',
        headers: json,
        payload: JSON.stringify({ name: 'x'.repeat(70_000) }),
      }),
      413,
      'limit',
    ],
    [
      'a missing query',
      () => ({ method: 'GET', url: `/v1/groups/${group}/files/by-name`, headers: bearer() }),
      400,
      'protocol',
    ],
  ])('%s is refused in the words of the table', async (_, request, status, code) => {
    const answer = await ask(request());
    expect(answer).toMatchObject({ status, body: { code, message: expect.stringMatching(/^[a-z].*[^.]$/) } });
  });

  it('never is a defect, whatever the bytes are', async () => {
    const calls = Object.values(trackerRoutes).filter((route) => route.answer !== 'events');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...calls),
        fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant(undefined)),
        fc.constantFrom('application/json', 'application/octet-stream', 'text/html'),
        fc.string(),
        async (route, payload, contentType, text) => {
          const url = route.path.replace(/:[a-zA-Z]+/g, () => encodeURIComponent(text) || '-');
          const headers = { ...bearer(), 'content-type': contentType };
          const answer = await tracker.server.inject({
            method: route.method,
            url,
            headers,
            ...(payload && { payload }),
          });
          expect(answer.statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('sessions', () => {
  it('are needed exactly where the table says so, before anything else is looked at', async () => {
    for (const route of Object.values(trackerRoutes)) {
      const url = route.path.replace(/:[a-zA-Z]+/g, 'x');
      const { statusCode } = await tracker.server.inject({
        method: route.method,
        url,
        headers: { authorization: 'Bearer wrong' },
      });
      if (route.session) expect([url, statusCode]).toEqual([url, 401]);
      else expect([url, statusCode]).not.toEqual([url, 401]);
    }
  });

  it('end with logout; by its key a device gets back in only after the password', async () => {
    const carol = device();
    await carol.createUser('carol', 'pass word');
    await expect(carol.login('carol', 'wrong')).rejects.toMatchObject({
      code: 'bad_credentials',
      message: 'user id or password is wrong',
    });
    await expect(carol.login('nobody', 'x')).rejects.toThrow('user id or password is wrong');
    await carol.login('CAROL', 'pass word');
    await carol.loginByKey();
    const { token } = carol;
    await carol.call('logout', { body: { commandId: newCommandId() } });
    await expect(carol.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
    await expect(carol.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
    carol.token = undefined;
    await carol.login('carol', 'pass word');
    await carol.loginByKey();
    expect(carol.token).not.toBe(token);
    expect((await carol.call('me', {})).user).toEqual({ id: carol.uid, name: 'carol' });
  });

  it('follow a new password: this device stays, others are out, a retry is one effect', async () => {
    const dora = device();
    await dora.createUser('dora', 'one');
    await dora.login('dora', 'one');
    const laptop = device();
    await laptop.login('dora', 'one');
    const commandId = newCommandId();
    const change = (current: string) => dora.call('changePassword', { body: { commandId, current, next: 'two' } });
    await expect(change('wrong')).rejects.toMatchObject({
      code: 'bad_credentials',
      message: 'the present password is wrong',
    });
    await change('one');
    await change('one');
    await expect(laptop.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
    await expect(laptop.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
    await dora.call('me', {});
    await dora.loginByKey();
    await expect(device().login('dora', 'one')).rejects.toMatchObject({ code: 'bad_credentials' });
    await laptop.login('dora', 'two');
    const { devices } = await dora.call('listDevices', {});
    expect(devices.map(({ state, current, label }) => [state, current, label])).toEqual([
      ['active', true, 'test'],
      ['active', false, 'test'],
    ]);
    await dora.call('revokeDevice', { params: { device: laptop.deviceId }, body: { commandId: newCommandId() } });
    await expect(laptop.call('me', {})).rejects.toMatchObject({ code: 'not_logged_in' });
  });

  it('open by a signature only over the right challenge, once, for the right user and key', async () => {
    const erin = device();
    await erin.createUser('erin');
    await erin.login('erin');
    const login = async (over: Partial<{ user: string; device: string; challenge: string; signature: string }>) => {
      const { challenge } = await erin.call('challenge', { body: { user: erin.uid, device: erin.publicKey } });
      const signature = erin.signLogin(challenge, inProcessChannel);
      const body = { user: erin.uid, device: erin.publicKey, challenge, signature, ...over };
      return { body, opened: await erin.call('deviceLogin', { body }) };
    };
    const { body, opened } = await login({});
    expect(opened.user.name).toBe('erin');
    const refused = { code: 'bad_credentials' };
    await expect(erin.call('deviceLogin', { body })).rejects.toMatchObject(refused);
    await expect(login({ user: alice.uid })).rejects.toMatchObject(refused);
    await expect(login({ device: alice.publicKey })).rejects.toMatchObject(refused);
    await expect(login({ challenge: 'ab'.repeat(32) })).rejects.toMatchObject(refused);
    await expect(login({ signature: 'ab'.repeat(64) })).rejects.toMatchObject(refused);
  });
});

describe('creations', () => {
  it('are refused when another device made the id, or signed it, or the name differs', async () => {
    const mallory = device();
    const made = mallory.creation('user', 'mallory');
    const others = alice.creation('user', 'mallory');
    const create = (over: Partial<typeof made>) =>
      mallory.call('createUser', { body: { commandId: newCommandId(), create: { ...made, ...over }, password: 'x' } });
    const wrong = [
      { id: others.id },
      { device: alice.publicKey },
      { name: 'Other' },
      { nonce: others.nonce },
      { signature: others.signature },
    ];
    for (const over of wrong) await expect(create(over)).rejects.toMatchObject({ code: 'protocol' });
    // Signed by itself, for an id that is another's.
    await expect(create(mallory.creation('user', 'mallory', alice.uid))).rejects.toMatchObject({ code: 'protocol' });
    await expect(create({ device: '00'.repeat(32) })).rejects.toMatchObject({ code: 'protocol' });
    await create({});
    await create({});
  });

  it('of groups are taken only from the device that is logged in', async () => {
    const create = bob.creation('group', 'stolen');
    await expect(alice.call('createGroup', { body: { commandId: newCommandId(), create } })).rejects.toMatchObject({
      code: 'protocol',
    });
    const foreign = alice.creation('group', 'foreign', group);
    await expect(
      alice.call('createGroup', { body: { commandId: newCommandId(), create: foreign } }),
    ).rejects.toMatchObject({ code: 'protocol' });
    const kind = alice.creation('user', 'kind');
    await expect(
      alice.call('createGroup', { body: { commandId: newCommandId(), create: kind } }),
    ).rejects.toMatchObject({
      code: 'protocol',
    });
  });
});

describe('metainfo', () => {
  const hashOf = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
  const put = (who: TestDevice, body: Uint8Array, infoHash = hashOf(body)) =>
    who.call('putMetainfo', { params: { group, infoHash }, body });

  it('is kept for members, of this group, with its own SHA-1, and nothing else is', async () => {
    const good = testMetainfo(group, 'kept.bin');
    await expect(put(bob, good)).rejects.toMatchObject({ code: 'not_member' });
    await expect(put(alice, good, 'ab'.repeat(20))).rejects.toMatchObject({ code: 'integrity' });
    await expect(put(alice, testMetainfo('ab'.repeat(16), 'x'))).rejects.toMatchObject({
      code: 'protocol',
      message: 'the metainfo was made for another group',
    });
    await expect(put(alice, Buffer.from('d4:infoe'))).rejects.toMatchObject({ code: 'protocol' });
    await expect(put(alice, Buffer.alloc(0))).rejects.toMatchObject({ code: 'protocol' });
    await put(alice, good);
    await put(alice, good);
    expect(readdirSync(join(tracker.dataDir, 'blobs'))).toEqual([group]);
    expect(readdirSync(join(tracker.dataDir, 'blobs', group))).toEqual([hashOf(good)]);
    const get = (who: TestDevice) => who.call('getMetainfo', { params: { group, infoHash: hashOf(good) } });
    await expect(get(alice)).rejects.toMatchObject({ code: 'no_such_file' });
    await alice.share(group, good);
    expect(Buffer.from(await get(alice))).toEqual(Buffer.from(good));
    await expect(get(bob)).rejects.toMatchObject({ code: 'not_member' });
  });

  it('of large folders is parsed in a thread, with the same answers', async () => {
    const folder = testFolder(group, 'large folder', 2_000);
    const infoHash = await alice.share(group, folder);
    const found = await alice.call('findFile', { params: { group }, query: { name: 'large folder' } });
    expect(found).toMatchObject({ infoHash, sha1: infoHash, size: 2_000, pieces: 1, folderFiles: 2_000 });
    const broken = Buffer.concat([folder, Buffer.from('e')]);
    await expect(put(alice, broken)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('that is no metainfo: '),
    });
    await expect(put(alice, testFolder('ab'.repeat(16), 'x', 2_000))).rejects.toMatchObject({ code: 'protocol' });
  });

  it('is refused above 64 MiB without being kept', async () => {
    const large = Buffer.alloc(64 * 1024 * 1024 + 1);
    await expect(put(alice, large, 'ab'.repeat(20))).rejects.toMatchObject({
      code: 'limit',
      message: 'metainfo has at most 64 MiB',
    });
    expect(readdirSync(join(tracker.dataDir, 'blobs'))).toEqual([group]);
  });

  it('that is lost says so', async () => {
    const infoHash = await alice.share(group, testMetainfo(group, 'lost.bin'));
    await tracker.services.blobs.remove(group, infoHash);
    await expect(alice.call('getMetainfo', { params: { group, infoHash } })).rejects.toMatchObject({
      code: 'integrity',
    });
  });
});

describe('presence', () => {
  it('counts seeders, hands out peers to members only, and takes heartbeats of the present login only', async () => {
    const fred = device();
    await fred.createUser('fred');
    await fred.login('fred');
    await fred.join(group);
    await alice.decide(group, 'fred', 'accept');
    const infoHash = await alice.share(group, testMetainfo(group, 'peers.bin'));
    const peers = (who: TestDevice) => who.call('peers', { params: { group, infoHash } });
    const found = () => fred.call('findFile', { params: { group }, query: { name: 'peers.bin' } });
    expect(await peers(fred)).toEqual({ peers: [] });
    expect((await found()).seeders).toBe(0);
    await alice.beat(5001);
    await fred.beat(5002, [{ group, infoHash }]);
    await bob.beat(5003, [{ group, infoHash }]);
    expect((await peers(fred)).peers).toMatchObject([{ user: 'alice', role: 'seeder' }]);
    expect((await peers(alice)).peers).toMatchObject([{ user: 'fred', role: 'leecher', deviceId: fred.deviceId }]);
    await expect(peers(bob)).rejects.toMatchObject({ code: 'not_member' });
    expect((await found()).seeders).toBe(1);
    await alice.beat(5001, [], [{ group, infoHash }]);
    expect((await peers(fred)).peers).toEqual([]);
    const { members } = await fred.call('listMembers', { params: { group } });
    expect(members.map(({ user, role, online }) => [user, role, online])).toEqual([
      ['alice', 'owner', true],
      ['fred', 'member', true],
    ]);
    await alice.call('removeMember', { params: { group }, body: { commandId: newCommandId(), user: 'fred' } });
    expect((await peers(alice)).peers).toEqual([]);
    fred.presenceSession++;
    await expect(fred.beat(5002)).rejects.toMatchObject({ code: 'protocol' });
  });
});

describe('refusals', () => {
  it('meet a connection that closed meanwhile, and so has no address: no defect', async () => {
    const gone = startInProcess();
    gone.server.addHook('onRequest', async ({ raw }) => {
      Object.defineProperty(raw.socket, 'remoteAddress', { value: undefined });
    });
    const answer = await gone.server.inject({ method: 'GET', url: trackerRoutes.health.path });
    await gone.close();
    expect({ status: answer.statusCode, code: answer.json().code }).toEqual({ status: 400, code: 'protocol' });
  });

  it('that are defects say nothing of what happened inside', async () => {
    const broken = startInProcess();
    broken.services.writer.health = () => Promise.reject(new Error('a secret path'));
    const answer = await broken.server.inject('/healthz');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      code: 'internal',
      message: `a defect of the tracker: its log says more (request ${answer.headers['x-request-id']})`,
    });
    await broken.close();
  });

  it('are passed on as the errors that they are', async () => {
    await expect(alice.createGroup('TEAM')).rejects.toBeInstanceOf(PeerageError);
    await expect(alice.createGroup('TEAM')).rejects.toMatchObject({ code: 'group_exists' });
  });
});

it('describes itself', async () => {
  const answer = await tracker.server.inject('/openapi.json');
  const operations = Object.values(answer.json<{ paths: object }>().paths).flatMap((path) =>
    Object.values(path as object),
  );
  expect(operations).toHaveLength(Object.keys(trackerRoutes).length);
});
