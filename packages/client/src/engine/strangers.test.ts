import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { encodeHandshake, encodeMessage } from '@peerage/bittorrent';
import type { Revoked } from '@peerage/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { peerTls } from '../net/memberships.ts';
import { dayOf, serverNameOf } from '../net/server-name.ts';
import { labelKeyOf, MemoryIssuer, membershipOf, type TestCertificate } from '../net/test-bed/memory-issuer.ts';
import { type Content, contentOf, group, sameBytes, TestBed, type TestEngine } from './test-bed/engine-bed.ts';

const otherGroup = 'f'.repeat(32);
const nameOf = (name: string, day = 0) => serverNameOf(labelKeyOf(name), dayOf(Date.now()) + day);

const content = contentOf(1024 * 1024);
let bed: TestBed;
let issuer: MemoryIssuer;
let seeder: TestEngine;
beforeEach(async () => {
  bed = await TestBed.make();
  issuer = await MemoryIssuer.make();
  seeder = await member();
  await seeder.seed(content);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await bed.end();
});

async function enroll(
  engine: TestEngine,
  certificate: TestCertificate,
  options: { issuers?: MemoryIssuer[]; retired?: MemoryIssuer[]; nowMs?: number } = {},
): Promise<void> {
  const membership = membershipOf(certificate, options.issuers ?? [issuer], options.nowMs, options.retired);
  await engine.engine.handle({ type: 'membership', membership });
}

async function member(): Promise<TestEngine> {
  const engine = await bed.engine({ certified: true });
  for (const of of [group, otherGroup])
    await enroll(engine, await issuer.certify({ group: of, device: engine.device }));
  return engine;
}

const revoke = async (engine: TestEngine, revoked: Revoked) =>
  engine.engine.handle({ type: 'revoked', revoked: [await issuer.revoke(revoked)] });

const sockets: TLSSocket[] = [];

interface Visit {
  /** Everything that came over the connection. */
  readonly answer: Buffer;
  readonly gotContent: boolean;
  readonly reused: boolean;
  readonly sessions: Buffer[];
  readonly socket: TLSSocket;
}

/** A client of its own making: Node's TLS and the codec, none of the transport. Leaves when it has a block, or is thrown out. */
function visit(
  certificate: TestCertificate | undefined,
  options: { at?: string; of?: Content; stay?: boolean; session?: Buffer } = {},
): Promise<Visit> {
  const wanted = (options.of ?? content).parsed.geometry;
  const socket = connect({
    host: '127.0.0.1',
    port: seeder.port,
    servername: options.at ?? nameOf(group),
    secureContext: createSecureContext({
      ...peerTls,
      ...(certificate === undefined ? {} : { cert: certificate.pem, key: certificate.key }),
    }),
    rejectUnauthorized: false,
    ...(options.session === undefined ? {} : { session: options.session }),
  });
  sockets.push(socket);
  let answer = Buffer.alloc(0);
  let asked = false;
  let reused = false;
  const sessions: Buffer[] = [];
  return new Promise((resolve) => {
    const done = (gotContent: boolean) => {
      resolve({ answer, gotContent, reused, sessions, socket });
      if (!options.stay) socket.destroy();
    };
    socket.on('session', (session) => sessions.push(session));
    socket.on('error', () => {});
    socket.on('close', () => done(false));
    socket.on('secureConnect', () => {
      reused = socket.isSessionReused();
      const infoHash = (options.of ?? content).share;
      socket.write(encodeHandshake({ infoHash, peerId: Buffer.alloc(20, 'x'), fast: true, extended: false }));
      socket.write(encodeMessage({ type: 'have_none' }));
      socket.write(encodeMessage({ type: 'interested' }));
    });
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (!asked && answer.includes(Buffer.from(encodeMessage({ type: 'unchoke' })))) {
        asked = true;
        const [piece] = wanted.pieces();
        socket.write(encodeMessage({ type: 'request', block: wanted.blockAt(piece!, 0)! }));
      }
      if (answer.includes(Buffer.from(content.bytes.subarray(0, 16_384)))) done(true);
    });
  });
}

const refusals = () => seeder.events.flatMap((event) => (event.type === 'refused' ? [event.code] : []));

/** The stranger gets nothing, for that one reason; a member with the same client gets a block. */
async function expectRefused(code: string, visited: Promise<Visit>): Promise<void> {
  expect((await visited).answer).toHaveLength(0);
  await seeder.until(() => refusals().length > 0);
  expect(refusals()).toEqual([code]);
  expect((await visit(await issuer.certify({ group }))).gotContent).toBe(true);
}

test('without a certificate', () => expectRefused('no_certificate', visit(undefined)));

test('with a certificate of an issuer made by itself', async () => {
  const own = await MemoryIssuer.make();
  await expectRefused('unknown_issuer', visit(await own.certify({ group })));
});

test('with a certificate of a retired issuer, for ever', async () => {
  const retired = await MemoryIssuer.make();
  const certificate = await retired.certify({ group });
  const renew = async (issuers: MemoryIssuer[], out: MemoryIssuer[] = []) =>
    enroll(seeder, await issuer.certify({ group, device: seeder.device }), { issuers, retired: out });
  await renew([issuer, retired]);
  const open = await visit(certificate, { stay: true });
  expect(open.gotContent).toBe(true);
  const closed = new Promise((resolve) => open.socket.once('close', resolve));
  await seeder.engine.handle({ type: 'issuers_retired', retired: [retired.der] });
  await closed;
  await renew([issuer, retired], [retired]);
  await renew([issuer, retired]);
  expect((await visit(certificate)).answer).toHaveLength(0);
  expect(refusals()).toEqual(['retired_issuer', 'retired_issuer']);
});

test('with a certificate of an issuer that a tracker does not know yet, until it does', async () => {
  const next = await MemoryIssuer.make();
  const certificate = await next.certify({ group });
  const renew = async (issuers: MemoryIssuer[]) =>
    enroll(seeder, await issuer.certify({ group, device: seeder.device }), { issuers });
  await renew([issuer, next]);
  await renew([issuer]);
  expect((await visit(certificate)).answer).toHaveLength(0);
  expect(refusals()).toEqual(['unknown_issuer']);
  await renew([issuer, next]);
  expect((await visit(certificate)).gotContent).toBe(true);
});

test('with a certificate that has ended', async () =>
  expectRefused('expired', visit(await issuer.certify({ group }, { fromMs: -10_000, toMs: -5000 }))));

test('with a certificate that is not valid yet', async () =>
  expectRefused('not_yet_valid', visit(await issuer.certify({ group }, { fromMs: 60_000 }))));

test("the trackers' clock decides, not this machine's", async () => {
  const ended = await issuer.certify({ group }, { fromMs: -7_200_000, toMs: -3_600_000 });
  const nowMs = Date.now() - 5_400_000;
  const own = await issuer.certify({ group, device: seeder.device });
  await enroll(seeder, own, { nowMs });
  expect((await visit(ended, { at: serverNameOf(labelKeyOf(group), dayOf(nowMs)) })).gotContent).toBe(true);
});

test.each(['application', 'device', 'login'] as const)('whose %s is revoked, at once', async (kind) => {
  const certificate = await issuer.certify({ group });
  const open = await visit(certificate, { stay: true });
  expect(open.gotContent).toBe(true);
  const closed = new Promise((resolve) => open.socket.once('close', resolve));
  await revoke(seeder, { kind, id: certificate.member[kind] });
  await closed;
  expect((await visit(certificate)).answer).toHaveLength(0);
  expect(refusals()).toEqual([`revoked_${kind}`, `revoked_${kind}`]);
  const { user, device } = certificate.member;
  const anew = await issuer.certify(kind === 'device' ? { group, user } : { group, user, device });
  expect((await visit(anew)).gotContent).toBe(true);
  expect((await visit(certificate)).answer).toHaveLength(0);
});

test('who resumes a session after a revocation, or after the end', async () => {
  const revoked = await issuer.certify({ group });
  const ending = await issuer.certify({ group }, { toMs: 2000 });
  const before = [await visit(revoked, { stay: true }), await visit(ending, { stay: true })];
  const closed = before.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  await revoke(seeder, { kind: 'application', id: revoked.member.application });
  await Promise.all(closed);
  for (const [at, certificate] of [revoked, ending].entries()) {
    expect(before[at]!.gotContent).toBe(true);
    const again = await visit(certificate, { session: before[at]!.sessions.at(-1)! });
    expect(again).toMatchObject({ reused: false, gotContent: false });
    expect(again.answer).toHaveLength(0);
  }
  expect(refusals()).toEqual(['revoked_application', 'revoked_application', 'expired']);
});

test("with a certificate of another group at this group's name", async () =>
  expectRefused('wrong_group', visit(await issuer.certify({ group: otherGroup }))));

test("who asks for another group's share", async () =>
  expectRefused('wrong_share', visit(await issuer.certify({ group: otherGroup }), { at: nameOf(otherGroup) })));

test('at a name that means no group, and at a name of the day before yesterday', async () => {
  const certificate = await issuer.certify({ group });
  expect((await visit(certificate, { at: nameOf(group, -1) })).gotContent).toBe(true);
  expect((await visit(certificate, { at: nameOf(group, 1) })).gotContent).toBe(true);
  await expectRefused('unknown_name', visit(certificate, { at: nameOf(group, -2) }));
});

test('with a certificate whose key it does not hold', async () =>
  expectRefused('bad_proof', visit(await issuer.certify({ group }, {}, { stolen: true }))));

test('two members, and only they, meet: the file arrives', async () => {
  const leecher = await member();
  const path = await leecher.fetch(content, { peers: [seeder] });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  expect(leecher.snapshot(content)!.sources).toMatchObject([{ device: seeder.device }]);
});
