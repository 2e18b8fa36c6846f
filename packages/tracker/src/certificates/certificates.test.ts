import 'reflect-metadata'; // what x509 stands on
import { createHash, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { X509Certificate as ParsedCertificate } from '@peculiar/x509';
import {
  type CertifiedMembership,
  MEMBERSHIP_OID,
  parseMembership,
  type Revoked,
  revocationStatement,
  type SignedRevocation,
} from '@peerage/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess } from '../testing/in-process.ts';
import { newCommandId, TestDevice } from '../testing/test-device.ts';
import { makeIssuerCertificate } from './make-certificates.ts';

const tracker = startInProcess();
const person = async (name: string) => {
  const device = new TestDevice(tracker.sendFrom('127.0.0.1'));
  await device.createUser(name);
  await device.login(name);
  return device;
};
const certificatesOf = (device: TestDevice, ...groups: string[]) => device.call('certificates', { body: { groups } });
const membershipIn = (certificate: string): CertifiedMembership => {
  const extension = new ParsedCertificate(Buffer.from(certificate, 'base64')).getExtension(MEMBERSHIP_OID)!;
  expect(extension.critical).toBe(false);
  return parseMembership(new Uint8Array(extension.value));
};
const certified = async (device: TestDevice, group: string) =>
  membershipIn((await certificatesOf(device, group)).certificates[0]!.certificate);
const recent = () => tracker.services.revocations.all();
const revoked = () => recent().map(({ kind, id }) => ({ kind, id }));
const command = () => ({ commandId: newCommandId() });

let alice: TestDevice;
let bob: TestDevice;
let group = '';
let crew = '';
beforeAll(async () => {
  [alice, bob] = [await person('alice'), await person('bob')];
  [group, crew] = [await alice.createGroup('team'), await bob.createGroup('crew')];
});
afterAll(() => tracker.close());

describe('a group certificate', () => {
  it("is the session's device key, its membership and its login, for an hour, by a published issuer", async () => {
    const answer = await certificatesOf(alice, group, group);
    expect(answer.certificates).toHaveLength(1);
    const { certificate, notBeforeMs, notAfterMs, labelKey } = answer.certificates[0]!;
    const leaf = new X509Certificate(Buffer.from(certificate, 'base64'));
    const issuer = new X509Certificate(Buffer.from(answer.issuers[0]!, 'base64'));
    expect(answer.issuers).toHaveLength(1);
    expect([leaf.verify(issuer.publicKey), leaf.checkIssued(issuer), issuer.verify(issuer.publicKey)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([leaf.ca, issuer.ca, leaf.subject]).toEqual([false, true, 'CN=peerage']);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    expect(Buffer.from(leaf.publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex')).toBe(alice.publicKey);
    expect(membershipIn(certificate)).toMatchObject({ group, user: alice.uid, device: alice.deviceId });
    expect([leaf.validFromDate.getTime(), leaf.validToDate.getTime()]).toEqual([notBeforeMs, notAfterMs]);
    expect(Math.abs(notAfterMs - answer.nowMs - 3_600_000)).toBeLessThan(5_000);
    expect(Math.abs(answer.nowMs - notBeforeMs - 300_000)).toBeLessThan(5_000);
    expect(labelKey).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is given to members only, who all know one label key', async () => {
    const strangers = [group, crew, 'ab'.repeat(16)];
    expect((await certificatesOf(bob, ...strangers)).certificates.map((one) => one.group)).toEqual([crew]);
    await bob.join(group);
    expect((await certificatesOf(bob, group)).certificates).toEqual([]);
    await alice.decide(group, 'bob', 'accept');
    const [mine, his] = [await certificatesOf(alice, group), await certificatesOf(bob, group, crew)];
    expect(his.certificates.map((one) => one.group)).toEqual([group, crew]);
    expect(his.certificates[0]!.labelKey).toBe(mine.certificates[0]!.labelKey);
    expect(his.certificates[1]!.labelKey).not.toBe(mine.certificates[0]!.labelKey);
    const stranger = new TestDevice(tracker.sendFrom('127.0.0.1'));
    await expect(certificatesOf(stranger, group)).rejects.toMatchObject({ code: 'not_logged_in' });
  });
});

describe('a revocation', () => {
  it('names the membership of who leaves or is removed; a new acceptance has another id', async () => {
    const removed = (await certified(bob, group)).application;
    await alice.call('removeMember', { params: { group }, body: { ...command(), user: 'bob' } });
    expect(revoked()).toContainEqual({ kind: 'application', id: removed });
    expect((await certificatesOf(bob, group)).certificates).toEqual([]);
    await bob.join(group);
    await alice.decide(group, 'bob', 'accept');
    const left = (await certified(bob, group)).application;
    expect(revoked()).not.toContainEqual({ kind: 'application', id: left });
    await bob.call('leaveGroup', { params: { group }, body: command() });
    expect(revoked()).toContainEqual({ kind: 'application', id: left });
    await bob.join(group);
    await alice.decide(group, 'bob', 'accept');
    expect([removed, left]).not.toContain((await certified(bob, group)).application);
  });

  it("can not be aimed at another's membership by choosing its id as command id", async () => {
    const { application } = await certified(bob, group);
    const carol = await person('carol');
    await carol.call('joinGroup', { params: { group }, body: { commandId: application } });
    await alice.decide(group, 'carol', 'accept');
    await carol.call('leaveGroup', { params: { group }, body: command() });
    expect(revoked()).not.toContainEqual({ kind: 'application', id: application });
  });

  it('names the login that is logged out, and the device that is revoked', async () => {
    const { login } = await certified(bob, group);
    await bob.call('logout', { body: command() });
    expect(revoked()).toContainEqual({ kind: 'login', id: login });
    bob.token = undefined;
    await bob.login('bob');
    const again = await certified(bob, group);
    expect(revoked()).not.toContainEqual({ kind: 'login', id: again.login });
    const laptop = new TestDevice(tracker.sendFrom('127.0.0.1'));
    await laptop.login('bob');
    await laptop.call('revokeDevice', { params: { device: bob.deviceId }, body: command() });
    expect(revoked()).toContainEqual({ kind: 'device', id: bob.deviceId });
    expect(revoked()).not.toContainEqual({ kind: 'device', id: laptop.deviceId });
    await expect(certificatesOf(bob, group)).rejects.toMatchObject({ code: 'not_logged_in' });
    expect((await certificatesOf(laptop, group)).certificates).toHaveLength(1);
  });

  it('names the logins of all devices but the one that changes the password, and of all when it is reset', async () => {
    const laptop = new TestDevice(tracker.sendFrom('127.0.0.1'));
    await laptop.login('alice');
    const [here, there] = [await certified(alice, group), await certified(laptop, group)];
    await alice.call('changePassword', { body: { ...command(), current: 'secret', next: 'other' } });
    expect(revoked()).toContainEqual({ kind: 'login', id: there.login });
    expect(revoked()).not.toContainEqual({ kind: 'login', id: here.login });
    const { uid } = alice;
    await tracker.services.writer.run('resetPassword', { uid, nextHash: 'x', epoch: newCommandId() });
    expect(revoked()).toContainEqual({ kind: 'login', id: here.login });
  });

  it('is told until its row is collected', () => {
    const { revocations } = tracker.services;
    const { kind, id } = revocations.all()[0]!;
    revocations.rowsChanged([{ entity: 'revocation', key: `${kind}/${id}`, value: null }]);
    expect(revocations.all()).not.toContainEqual(expect.objectContaining({ kind, id }));
  });
});

describe('a revocation that another tracker signed', () => {
  /** Another tracker's issuer, as its row comes by replication. */
  async function otherTracker(options: { isKnown: boolean } = { isKnown: true }) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const issuer = createHash('sha256').update(spki).digest('hex').slice(0, 32);
    const certificate = (await makeIssuerCertificate(privateKey, issuer, Date.now())).toString('base64');
    if (options.isKnown) await tracker.services.writer.run('publishIssuer', { id: issuer, certificate, tracker: 2 });
    return (revoked: Revoked, atMs = Date.now()): SignedRevocation => {
      const signature = sign(null, revocationStatement({ ...revoked, atMs }), privateKey).toString('hex');
      return { ...revoked, atMs, issuer, signature };
    };
  }
  /** Anybody. */
  const handUp = (...revocations: SignedRevocation[]) =>
    new TestDevice(tracker.sendFrom('127.0.0.1')).call('handUp', { body: { revocations } });
  let owner: TestDevice;
  let club = '';
  beforeAll(async () => {
    owner = await person('olga');
    club = await owner.createGroup('club');
  });
  const member = async (name: string) => {
    const device = await person(name);
    await device.join(club);
    await owner.decide(club, name, 'accept');
    return device;
  };

  it('ends the membership, login or device that it names, and is told to everybody, signed by this tracker', async () => {
    const signs = await otherTracker();
    const [dora, emil, frida] = [await member('dora'), await member('emil'), await member('frida')];
    const ids: Revoked[] = [
      { kind: 'application', id: (await certified(dora, club)).application },
      { kind: 'login', id: (await certified(emil, club)).login },
      { kind: 'device', id: frida.deviceId },
    ];
    expect(await handUp(...ids.map((id) => signs(id)))).toEqual({ has: ids });
    for (const id of ids) expect(revoked()).toContainEqual(id);
    expect(new Set(recent().map(({ issuer }) => issuer)).size).toBe(1);
    expect((await certificatesOf(dora, club)).certificates).toEqual([]);
    expect(await dora.standing('club')).toBe('none');
    for (const out of [emil, frida]) {
      await expect(certificatesOf(out, club)).rejects.toMatchObject({ code: 'not_logged_in' });
      await expect(out.loginByKey()).rejects.toMatchObject({ code: 'bad_credentials' });
    }
    await emil.login('emil');
    expect((await certificatesOf(emil, club)).certificates).toHaveLength(1);
    expect(await handUp(signs(ids[0]!))).toEqual({ has: [ids[0]] });
  });

  it('of an id that is not known here yet keeps anything from being certified with it', async () => {
    const signs = await otherTracker();
    const unheard: Revoked = { kind: 'application', id: newCommandId() };
    expect(await handUp(signs(unheard))).toEqual({ has: [unheard] });
    const gina = await member('gina');
    const { application } = await certified(gina, club);
    await tracker.services.writer.run('takeRevocation', { kind: 'application', id: application, holder: undefined });
    expect(await gina.standing('club')).toBe('member');
    expect((await certificatesOf(gina, club)).certificates).toEqual([]);
  });

  it('is refused with all behind it where its signature is bad; not taken of an unknown issuer or from the future', async () => {
    const [signs, unknown] = [await otherTracker(), await otherTracker({ isKnown: false })];
    const good = signs({ kind: 'login', id: newCommandId() });
    const { application } = await certified(owner, club);
    const aimed = { ...good, kind: 'application', id: application } as const;
    await expect(handUp(aimed, good)).rejects.toMatchObject({ code: 'protocol' });
    const strangers = unknown({ kind: 'application', id: application });
    const tomorrow = signs({ kind: 'application', id: application }, Date.now() + 86_400_000);
    expect(await handUp(strangers, tomorrow, good)).toEqual({ has: [{ kind: 'login', id: good.id }] });
    expect((await certificatesOf(owner, club)).certificates).toHaveLength(1);
  });

  it('comes back to whoever asked for it, also to a retry', async () => {
    const heidi = await member('heidi');
    const { application } = await certified(heidi, club);
    const body = { ...command(), user: 'heidi' };
    const [first, retried] = [
      await owner.call('removeMember', { params: { group: club }, body }),
      await owner.call('removeMember', { params: { group: club }, body }),
    ];
    expect(first.revoked).toMatchObject([{ kind: 'application', id: application }]);
    expect(retried.revoked).toEqual(first.revoked);
    const own = await heidi.createGroup('own');
    const { login } = await certified(heidi, own);
    expect((await heidi.call('logout', { body: command() })).revoked).toMatchObject([{ kind: 'login', id: login }]);
  });
});
