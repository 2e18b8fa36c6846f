import { afterEach, expect, it } from 'vitest';
import type { CreationRates } from '../limits.ts';
import { type InProcessTracker, startInProcess } from '../testing/in-process.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';

let tracker: InProcessTracker;
afterEach(() => tracker.close());
const device = (source: string) => new TestDevice(tracker.sendFrom(source));

const HOUR_MS = 3_600_000;
const atMost = (block: number, wideBlock = 100, inAll = 100): CreationRates => ({
  block: { atOnce: block, everyMs: HOUR_MS },
  wideBlock: { atOnce: wideBlock, everyMs: HOUR_MS },
  inAll: { atOnce: inAll, everyMs: HOUR_MS },
});
const tooMany = (what: string, where: string) => ({
  code: 'throttled',
  message: expect.stringMatching(new RegExp(`^too many ${what} ${where}: try again in \\d+ s$`)),
});

it('accounts: by address, by /48 and in all; what was refused or is repeated does not count', async () => {
  tracker = startInProcess({ creationLimits: { accounts: atMost(2, 3, 6) } });
  const first = device('192.0.2.1');
  const create = first.creation('user', 'one');
  const body = { commandId: newCommandId(), create, password: 'secret' };
  for (let n = 0; n < 5; n++) await first.call('createUser', { body });
  for (let n = 0; n < 5; n++) {
    await expect(device('192.0.2.1').createUser('ONE')).rejects.toMatchObject({ code: 'user_exists' });
  }
  await device('192.0.2.1').createUser('two');
  const { hashes } = tracker.services.passwords;
  await expect(device('192.0.2.1').createUser('three')).rejects.toMatchObject(
    tooMany('accounts are made', 'from your address'),
  );
  expect(tracker.services.passwords.hashes).toBe(hashes);
  for (const [n, net] of ['1', '2', '3'].entries()) await device(`2001:db8:0:${net}::1`).createUser(`v6-${n}`);
  await expect(device('2001:db8:0:4::1').createUser('v6-4')).rejects.toMatchObject(
    tooMany('accounts are made', 'from your address'),
  );
  await device('192.0.2.9').createUser('six');
  await expect(device('192.0.2.10').createUser('seven')).rejects.toMatchObject(
    tooMany('accounts are made', 'at this tracker'),
  );
  await first.call('createUser', { body });
});

it('groups and join requests: by address', async () => {
  tracker = startInProcess({ creationLimits: { groups: atMost(3), joinRequests: atMost(1) } });
  const alice = device('192.0.2.1');
  await alice.createUser('alice');
  await alice.login('alice');
  const team = await alice.createGroup('team');
  await expect(alice.createGroup('TEAM')).rejects.toMatchObject({ code: 'group_exists' });
  const crew = await alice.createGroup('crew');
  await alice.createGroup('club');
  await expect(alice.createGroup('more')).rejects.toMatchObject(tooMany('groups are made', 'from your address'));
  const bob = device('192.0.2.2');
  await bob.createUser('bob');
  await bob.login('bob');
  await bob.createGroup('more');
  await bob.join(team);
  await expect(bob.join(crew)).rejects.toMatchObject(tooMany('join requests come', 'from your address'));
  await bob.over(tracker.sendFrom('192.0.2.3')).join(crew);
});

it('a closed sign-up makes no account, keeps those that are, and can be opened', async () => {
  tracker = startInProcess({ signupOpen: true });
  const alice = device('192.0.2.1');
  const body = { commandId: newCommandId(), create: alice.creation('user', 'alice'), password: 'secret' };
  await alice.call('createUser', { body });
  tracker.services.signup.open = false;
  const { hashes } = tracker.services.passwords;
  await expect(device('192.0.2.2').createUser('bob')).rejects.toMatchObject({ code: 'signup_closed' });
  expect(tracker.services.passwords.hashes).toBe(hashes);
  await alice.call('createUser', { body });
  await alice.login('alice');
  tracker.services.signup.open = true;
  await device('192.0.2.2').createUser('bob');
});
