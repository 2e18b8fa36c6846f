import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dayOf, serverNameOf } from '../../packages/client/src/net/server-name.ts';
import { newCommandId } from '../../packages/tracker/src/testing/test-device.ts';
import type { CertifiedDevice } from '../support/certified-device.ts';
import { calmMs } from '../support/machine.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { SeederHouse } from './seeder-house.ts';

const PROMISED_MS = 2000;
const command = () => ({ commandId: newCommandId() });

let house: SeederHouse;
/** A member all along. */
let honest: RawPeer;
beforeAll(async () => {
  house = await SeederHouse.open({ sizeMib: 4 });
  honest = await house.peer(await house.member('honest'));
  honest.pace(16e6);
});
afterAll(() => house.close());

/** The seeder, not its peer, ends the connection in the time promised; others go on being served. */
async function expectCut(peer: RawPeer, step: () => Promise<unknown>): Promise<void> {
  await peer.served(100);
  const cut = calmMs(async () => {
    await step();
    await peer.closed;
  });
  expect(await cut).toBeLessThan(PROMISED_MS);
  await honest.served(100);
}

/** Whoever counts no more dials again, with the certificate that he has: he is not let in. */
async function expectRefused(member: CertifiedDevice): Promise<void> {
  const again = await house.peer(member);
  await again.closed;
  expect([again.bytes, again.messages]).toEqual([0, []]);
}

describe('an open connection is cut by the seeder within 2 s', () => {
  test.each<[string, string, (member: CertifiedDevice, name: string) => Promise<unknown>]>([
    ['is removed', 'revoked_application', (_member, name) => house.remove(name)],
    [
      'leaves',
      'revoked_application',
      (member) => member.device.call('leaveGroup', { params: { group: house.served.group }, body: command() }),
    ],
    ['logs out', 'revoked_login', (member) => member.device.call('logout', { body: command() })],
    [
      'revokes the device',
      'revoked_device',
      async (member, name) => {
        const other = await house.anotherDevice(name);
        await other.device.call('revokeDevice', { params: { device: member.device.deviceId }, body: command() });
      },
    ],
    [
      'changes the password on another device',
      'revoked_login',
      async (_member, name) => {
        const other = await house.anotherDevice(name);
        const body = { ...command(), current: 'secret', next: 'another' };
        await other.device.call('changePassword', { body });
      },
    ],
  ])('of who %s', async (what, code, step) => {
    const name = what.replaceAll(' ', '-');
    const before = house.refusals().length;
    const mallory = await house.member(name);
    await expectCut(await house.peer(mallory), () => step(mallory, name));
    await expectRefused(mallory);
    expect((await house.refused(before + 2)).slice(before)).toEqual([code, code]);
  });
});

/** What the seeder looks like to who connects without being a member: each step, what it shows, and how it ends. */
async function seenFromOutside(serverName: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  const socket = connect({
    host: '127.0.0.1',
    port: house.served.port,
    servername: serverName,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  });
  socket.on('secureConnect', () => {
    const { issuer, subject, keyUsage, raw, validFromDate, validToDate } = socket.getPeerX509Certificate()!;
    const lifeMinutes = Math.round((validToDate.getTime() - validFromDate.getTime()) / 60_000);
    const form = [issuer.replace(/[0-9a-f]{32}/, 'id'), subject, keyUsage, raw.length, lifeMinutes];
    seen.push('connected', form, socket.getProtocol(), socket.getCipher().name);
    socket.write('x'.repeat(68));
  });
  socket.on('data', (chunk) => seen.push(['data', chunk.length]));
  socket.on('error', () => undefined); // whether a reset or an end arrives first is the system's choice
  await new Promise((closed) => socket.once('close', closed));
  return seen;
}

test('a name that means no group and a missing certificate look alike from outside', async () => {
  const bob = await house.member('outsider');
  const answer = await bob.device.call('certificates', { body: { groups: [house.served.group] } });
  const labelKey = Buffer.from(answer.certificates[0]!.labelKey, 'hex');
  const before = house.refusals().length;
  const known = await seenFromOutside(serverNameOf(labelKey, dayOf(answer.nowMs)));
  const unknown = await seenFromOutside(serverNameOf(Buffer.alloc(32), dayOf(answer.nowMs)));
  expect(known).toHaveLength(4);
  expect(unknown).toEqual(known);
  expect((await house.refused(before + 2)).slice(before)).toEqual(['no_certificate', 'unknown_name']);
});

test('who logs out and in again is served again within 2 s; the old certificate stays refused', async () => {
  const bob = await house.member('bob');
  const before = await house.peer(bob);
  await before.served(1);
  await bob.device.call('logout', { body: command() });
  await before.closed;
  await expectRefused(bob);
  const served = calmMs(async () => {
    await bob.device.login('bob');
    await bob.certify(house.served.group);
    await (await house.peer(bob)).served(1);
  });
  expect(await served).toBeLessThan(PROMISED_MS);
});

test('who was removed and is accepted anew is served; the old certificate stays refused', async () => {
  const old = await house.member('carol');
  const before = await house.peer(old);
  await before.served(1);
  await house.remove('carol');
  await before.closed;
  const anew = await house.anotherDevice('carol');
  await house.accept(anew, 'carol');
  await (await house.peer(anew)).served(1);
  await expectRefused(old);
});
