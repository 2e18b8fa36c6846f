import {
  createTrackerClient,
  PeerageError,
  type RouteInput,
  type TrackerRoutes,
  trackerRoutes,
} from '@peerage/contract';
import { accepted, type Decoder, demand, isPartOf, refused } from '../decoder.ts';
import { mutateJson } from '../mutation/json.ts';
import { wrongValue } from '../reference/api-values.ts';

const id = '00112233445566778899aabbccddeeff';
const hash = 'ab'.repeat(20);
const user = { id, name: 'alice' };
const file = {
  name: 'a.bin',
  infoHash: hash,
  size: 3,
  pieces: 1,
  sha1: hash,
  folderFiles: 2,
  by: 'alice',
  seeders: 1,
  sharedByYou: true,
};
const groupRow = { id, name: 'team', owner: 'alice', members: 2, standing: 'owner', since: 1, requests: 0 };
const session = { token: 't'.repeat(43), user, deviceId: id, presenceSession: 1, nowMs: 1_750_000_000_000 };

/** One right answer of each route that answers in JSON. */
const answers: Readonly<Partial<Record<keyof TrackerRoutes, unknown>>> = {
  createUser: { settled: true, user },
  login: session,
  challenge: { challenge: 'cd'.repeat(32) },
  deviceLogin: session,
  logout: { settled: true },
  me: { user, deviceId: id, nowMs: 0 },
  listDevices: { devices: [{ id, label: 'laptop', addedAt: 1, state: 'active', online: true, current: true }] },
  createGroup: { settled: false, group: user },
  listGroups: { groups: [groupRow, { ...groupRow, standing: 'none', since: undefined, requests: undefined }] },
  findGroup: groupRow,
  listRequests: { requests: [{ user: 'bob', userId: id, requestedAt: 1 }] },
  leaveGroup: { settled: true, newOwner: 'bob', ended: false },
  listMembers: { members: [{ user: 'bob', userId: id, role: 'member', online: false, since: 1 }] },
  listFiles: { files: [file, { ...file, name: 'b' }] },
  findFile: file,
  share: { settled: true, file },
  myShares: { shares: [{ group: id, infoHash: hash, name: 'a.bin' }] },
  heartbeat: { ttlMs: 90_000, nowMs: 1 },
  peers: {
    peers: [
      {
        user: 'bob',
        userId: id,
        deviceId: id,
        role: 'seeder',
        addresses: [
          { host: '10.0.0.1', port: 7000 },
          { host: '::1', port: 65_535 },
        ],
      },
    ],
  },
  trackers: {
    number: 1,
    peers: [{ number: 2, state: 'following', lagMs: 12 }],
    conflicts: ['alice~12ab'],
  },
  trackerKey: { pin: 'ef'.repeat(32) },
  health: { ok: true, version: '0.1.0' },
};
const names = Object.keys(answers) as (keyof TrackerRoutes)[];
const refusal = { code: 'no_such_group', message: 'there is no group x' };

/** What a tracker answers, through the typed client: a line with route and status, then the body. */
export const trackerAnswers: Decoder = {
  name: 'tracker-answers',
  words: [
    'internal',
    'protocol',
    'constructor',
    '__proto__',
    'token',
    'port',
    'host',
    'addresses',
    'settled',
    'name',
    'user',
    'null',
    '[]',
    '\ufeff',
  ],
  maxBytes: 50_000,
  turnMs: 300,
  seeds: () => [
    ...names.map((name) => Buffer.from(`${name} 200\n${JSON.stringify(answers[name])}`)),
    Buffer.from(`findGroup 404\n${JSON.stringify(refusal)}`),
    Buffer.from(`me 599\n${JSON.stringify({ ...refusal, code: 'of_a_newer_version' })}`),
  ],
  mutate(input, random) {
    const text = Buffer.from(input).toString('utf8');
    const end = text.indexOf('\n') + 1;
    return Buffer.from(text.slice(0, end) + mutateJson(text.slice(end), ['name', 'extra', 'token', 'port'], random));
  },
  async check(input) {
    const end = Math.max(input.indexOf(0x0a), 0);
    const [word = '', status = ''] = Buffer.from(input.subarray(0, end)).toString('latin1').split(' ');
    const name = (Object.hasOwn(trackerRoutes, word) ? word : 'me') as keyof TrackerRoutes;
    const body = input.subarray(end + 1);
    const answer = { status: Number.parseInt(status, 10) || 0, body };
    const client = createTrackerClient(async () => answer);
    let value: unknown;
    try {
      value = await client.call(name, { params: {}, query: {}, body: {} } as unknown as RouteInput<
        TrackerRoutes[typeof name]
      >);
    } catch (error) {
      if (error instanceof PeerageError) return refused(`${error.code} ${error.message}`);
      throw error;
    }
    demand(answer.status >= 200 && answer.status <= 299, 'takes a refusal as an answer');
    if (typeof trackerRoutes[name].answer === 'string') return accepted('bytes');
    const given: unknown = JSON.parse(
      Buffer.from(body)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
    const wrong = wrongValue(value);
    demand(wrong === undefined, `lets a value pass that is wrong: ${wrong}`);
    demand(isPartOf(value, given), 'makes a value that was not in the answer');
    return accepted(name);
  },
};
