import { randomBytes } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hlcAtMs } from '../domain/entities.ts';
import { FakeTracker } from '../testing/fake-tracker.ts';
import { TrackerSet, until } from '../testing/pair.ts';
import { exportedOf, LINK_HEADER, type LinkEnds, proofOf } from './link-proof.ts';
import type { Op } from './op.ts';
import { encodePull } from './wire.ts';

let set: TrackerSet;
beforeAll(async () => {
  set = await TrackerSet.of(2);
  await set.start(1);
});
afterAll(() => set.close());

const asTwo = { role: 'request', from: 2, to: 1 } as const;
const pull = encodePull({ node: 'a'.repeat(16), origin: 'b'.repeat(16), vector: {} }, { waitMs: 0, nowMs: Date.now() });

async function open(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: set.ports[0]!, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

const proof = (socket: TLSSocket, ends: LinkEnds = asTwo, key: Uint8Array = set.secret.key) =>
  proofOf({ id: set.secret.id, key }, ends, exportedOf(socket));

/** Sends a pull and reads the answer's head. */
async function ask(socket: TLSSocket, header: string | undefined, body: Uint8Array = pull): Promise<string> {
  const proven = header === undefined ? '' : `${LINK_HEADER}: ${header}\r\n`;
  socket.write(
    `POST /replica/pull HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${proven}content-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  return new Promise((resolve, reject) => {
    let head = '';
    const read = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (head.includes('\r\n\r\n')) {
        socket.off('data', read);
        resolve(head);
      }
    };
    socket
      .on('data', read)
      .once('error', reject)
      .once('close', () => resolve(head));
  });
}

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

describe('a call that is for trackers only', () => {
  const sockets: TLSSocket[] = [];
  const opened = async () => {
    const socket = await open();
    sockets.push(socket);
    return socket;
  };
  afterEach(() => sockets.splice(0).forEach((socket) => void socket.destroy()));

  it('is answered with a proof to who proves that it is one', async () => {
    const socket = await opened();
    const answer = await ask(socket, proof(socket));
    expect(statusOf(answer)).toBe(200);
    expect(answer).toContain(`${LINK_HEADER}: ${proof(socket, { role: 'answer', from: 1, to: 2 })}`);
  });

  it.each<[string, (socket: TLSSocket) => string | undefined | Promise<string | undefined>]>([
    ['no proof', () => undefined],
    ['a proof of another secret', (socket) => proof(socket, asTwo, randomBytes(32))],
    ['a proof of another connection, as in a replay', async () => proof(await opened())],
    ["an answer's proof", (socket) => proof(socket, { role: 'answer', from: 2, to: 1 })],
    ['its own answer, reflected', async (socket) => reflected(await ask(socket, proof(socket)))],
    ['a proof for another tracker', (socket) => proof(socket, { ...asTwo, to: 2 })],
    ['a proof of its own number', (socket) => proof(socket, { ...asTwo, from: 1 })],
    ['a number that the file does not list', (socket) => proof(socket, { ...asTwo, from: 3 })],
    ['another number than was proven', (socket) => proof(socket).replace(' 2 ', ' 1 ')],
    ['something that is no proof', () => 'x'.repeat(100)],
  ])('is refused with %s, unread', async (_what, header) => {
    const socket = await opened();
    expect(statusOf(await ask(socket, await header(socket)))).toBe(401);
  });

  it('is refused where its body is too large', async () => {
    const socket = await opened();
    expect(statusOf(await ask(socket, proof(socket), Buffer.alloc(2 * 1024 * 1024, 0x20)))).toBe(413);
  });

  it('is not heard over TLS 1.2, nor in plain text', async () => {
    await expect(open({ maxVersion: 'TLSv1.2' })).rejects.toThrow();
    const plain = connectPlain(set.ports[0]!, '127.0.0.1');
    plain.write('POST /replica/pull HTTP/1.1\r\n\r\n');
    const said = await new Promise<string>((resolve) => plain.once('data', (chunk) => resolve(chunk.toString())));
    plain.destroy();
    expect(said).toContain('this port speaks TLS 1.3 only');
  });
});

const reflected = (answer: string): string => new RegExp(`${LINK_HEADER}: (.*)\r\n`).exec(answer)![1]!;

describe('another tracker', () => {
  const origin = 'e'.repeat(16);
  const op = (seq: number, more: Partial<Op> = {}): Op => ({
    origin,
    seq,
    last: seq,
    hlc: hlcAtMs(Date.now()),
    entity: 'user_name',
    key: `name${seq}/${'a'.repeat(32)}`,
    value: { claimedAt: 1, settled: false },
    ...more,
  });
  const status = () => set.tracker(1).replication!().peers[0]!;
  const users = async () => (await set.tracker(1).operator.figures()).users;

  let fake: FakeTracker;
  afterEach(() => fake.close());

  it.each<[string, () => readonly Op[], RegExp]>([
    ['a gap', () => [op(1), op(3)], /gap/],
    ['what does not begin where it should', () => [op(2)], /gap/],
    ['half a commit', () => [op(1, { last: 2 })], /gap/],
    ['rows that it does not know', () => [op(1, { entity: 'session' })], /rows of session/],
    ['a row of another form', () => [op(1, { value: { claimedAt: -1, settled: false } })], /claimedAt/],
    ['ops from 6 minutes ahead', () => [op(1, { hlc: hlcAtMs(Date.now() + 360_000) })], /5 minutes ahead/],
  ])('that sends %s is told of, and nothing of it is taken', async (_what, ops, reason) => {
    fake = await FakeTracker.start(set);
    fake.ops = ops();
    fake.vector = { [origin]: 3 };
    await until(() => reason.test(status().reason ?? ''));
    expect(status()).toMatchObject({ state: 'refused' });
    expect(status().missingOps).toBeGreaterThan(0);
  });

  it('that sends a user whose id its device did not make is not believed', async () => {
    fake = await FakeTracker.start(set);
    const creation = { name: 'mallory', device: '00'.repeat(32), nonce: '00'.repeat(16), signature: '00'.repeat(64) };
    const before = await users();
    fake.ops = [op(1, { entity: 'user', key: 'a'.repeat(32), value: { creation, name: 'mallory', renamedAt: 0 } })];
    fake.vector = { [origin]: 1 };
    await until(() => status().missingOps === 0 && fake.pulls > 1);
    expect(await users()).toBe(before);
  });

  it.each<[string, (fake: FakeTracker) => void, RegExp]>([
    ['does not prove that it is one', (one) => (one.key = randomBytes(32)), /cluster secret/],
    ['answers more than is allowed', (one) => (one.raw = Buffer.alloc(9 * 1024 * 1024)), /larger/],
    ['answers nonsense', (one) => (one.raw = Buffer.from('{}\n[]')), /not allowed/],
  ])('that %s is not listened to', async (_what, change, reason) => {
    fake = await FakeTracker.start(set);
    change(fake);
    await until(() => reason.test(status().reason ?? ''));
    expect(status().state).toBe('refused');
  });
});
