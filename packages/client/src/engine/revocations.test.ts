import { encodeRevocations, parseRevocations, type SignedRevocation } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryIssuer, membershipOf, type TestCertificate } from '../net/test-bed/memory-issuer.ts';
import { contentOf, group, TestBed, type TestEngine } from './test-bed/engine-bed.ts';
import { TlsPeer } from './test-bed/tls-peer.ts';

const MESSAGE = 'peerage_revocations';
/** Under which the peers of these tests want it. */
const ID = 77;

const content = contentOf(1024 * 1024);
let bed: TestBed;
let issuer: MemoryIssuer;
let seeder: TestEngine;
let [alice, bob, mallory]: TestCertificate[] = [];
const peers: TlsPeer[] = [];
beforeEach(async () => {
  bed = await TestBed.make();
  issuer = await MemoryIssuer.make();
  seeder = await bed.engine({ certified: true });
  await enroll(seeder);
  await seeder.seed(content);
  [alice, bob, mallory] = await Promise.all([1, 2, 3].map(() => issuer.certify({ group })));
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await bed.end();
});

async function enroll(engine: TestEngine, issuers = [issuer]): Promise<void> {
  const certificate = await issuer.certify({ group, device: engine.device });
  await engine.engine.handle({ type: 'membership', membership: membershipOf(certificate, issuers) });
}

/** Resolves when the seeder let it in. */
async function peer(certificate: TestCertificate): Promise<TlsPeer> {
  const dialed = TlsPeer.dial(seeder.port, content, certificate, new Map([[MESSAGE, ID]]));
  peers.push(dialed);
  expect(await dialed.idOf(MESSAGE)).toBeGreaterThan(0);
  await dialed.until(() => dialed.messages.some(({ type }) => type === 'have_all'));
  return dialed;
}

const revoking = (certificate: TestCertificate, of = issuer) =>
  of.revoke({ kind: 'application', id: certificate.member.application });

async function tell(from: TlsPeer, ...rows: SignedRevocation[]): Promise<void> {
  from.say({ type: 'extended', id: await from.idOf(MESSAGE), payload: encodeRevocations(rows) });
}

const heardBy = (of: TlsPeer): SignedRevocation[] =>
  of.messages.flatMap((message) =>
    message.type === 'extended' && message.id === ID ? parseRevocations(message.payload) : [],
  );
const refusals = () => seeder.events.flatMap((event) => (event.type === 'refused' ? [event.code] : []));

test('what one peer tells cuts whom it names, is told to the others and to the client, once', async () => {
  const [toAlice, toBob, toMallory] = [await peer(alice!), await peer(bob!), await peer(mallory!)];
  const row = await revoking(mallory!);
  await tell(toAlice, row, row);
  await toMallory.closed;
  await toBob.until(() => heardBy(toBob).length > 0);
  expect(refusals()).toEqual(['revoked_application']);
  await tell(toBob, row);
  expect(heardBy(toBob)).toEqual([row]);
  expect(heardBy(toAlice)).toEqual([]);
  expect(seeder.events.filter(({ type }) => type === 'revocations')).toEqual([{ type: 'revocations', revoked: [row] }]);
  expect([toAlice.isOpen, toBob.isOpen]).toEqual([true, true]);
});

test('who comes later is told all that is known, as is everybody of what a tracker says', async () => {
  const [first, second] = [await revoking(mallory!), await issuer.revoke({ kind: 'login', id: bob!.member.login })];
  await seeder.engine.handle({ type: 'revoked', revoked: [first] });
  const toAlice = await peer(alice!);
  await toAlice.until(() => heardBy(toAlice).length === 1);
  await seeder.engine.handle({ type: 'revoked', revoked: [first, second] });
  await toAlice.until(() => heardBy(toAlice).length === 2);
  expect(heardBy(toAlice)).toEqual([first, second]);
});

test.each<[string, (row: SignedRevocation) => Uint8Array]>([
  ['that no tracker signed', (row) => encodeRevocations([{ ...row, kind: 'device', id: bob!.member.device }])],
  ['of another form', (row) => encodeRevocations([row]).subarray(1)],
])('who tells of a revocation %s is refused from then on, and nobody else', async (_what, forged) => {
  const [toAlice, toBob] = [await peer(alice!), await peer(bob!)];
  const row = await revoking(mallory!);
  toAlice.say({ type: 'extended', id: await toAlice.idOf(MESSAGE), payload: forged(row) });
  await toAlice.closed;
  const again = TlsPeer.dial(seeder.port, content, alice!);
  peers.push(again);
  await again.closed;
  expect(again.messages).toEqual([]);
  expect(refusals()).toEqual(['bad_revocation', 'bad_revocation']);
  expect(toBob.isOpen).toBe(true);
  expect((await peer(mallory!)).isOpen).toBe(true);
});

test('a row of an issuer that is not known, or retired, says nothing; the rows beside it do', async () => {
  const [unknown, retired] = [await MemoryIssuer.make(), await MemoryIssuer.make()];
  await enroll(seeder, [issuer, retired]);
  await enroll(seeder);
  const [toAlice, toBob, toMallory] = [await peer(alice!), await peer(bob!), await peer(mallory!)];
  await tell(toAlice, await revoking(bob!, unknown), await revoking(bob!, retired), await revoking(mallory!));
  await toMallory.closed;
  expect([toAlice.isOpen, toBob.isOpen]).toEqual([true, true]);
});

test('a group that is left: its connections end, nobody is let in and nobody dialed', async () => {
  const toAlice = await peer(alice!);
  await seeder.engine.handle({ type: 'membership_ended', group });
  await toAlice.closed;
  const again = TlsPeer.dial(seeder.port, content, bob!);
  peers.push(again);
  await again.closed;
  expect(refusals()).toEqual(['no_membership', 'unknown_name']);
  await enroll(seeder);
  expect((await peer(bob!)).isOpen).toBe(true);
});
