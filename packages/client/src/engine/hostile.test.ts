import net from 'node:net';
import { encodeMessage, HANDSHAKE_BYTES } from '@peerage/bittorrent';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Content, contentOf, sameBytes, TestBed, type TestEngine } from './test-bed/engine-bed.ts';
import { handshakeFor, introduction, RawSeeder, talk } from './test-bed/raw-peer.ts';

let bed: TestBed;
const raws: RawSeeder[] = [];
beforeEach(async () => {
  bed = await TestBed.make();
});
afterEach(async () => {
  await bed.end();
  await Promise.all(raws.splice(0).map((raw) => raw.close()));
});

const MIB = 1024 * 1024;
const device = (number: number) => number.toString(16).padStart(32, '0');

/** The engine still does its work: somebody honest gets the file. */
async function serves(seeder: TestEngine, content: Content): Promise<void> {
  const leecher = await bed.engine();
  await leecher.fetch(content, { peers: [seeder] });
  await leecher.completed(content);
}

async function raw(options: Parameters<typeof RawSeeder.start>[0]): Promise<RawSeeder> {
  const seeder = await RawSeeder.start(options);
  raws.push(seeder);
  return seeder;
}

test('a liar is banned and named, and an honest seeder completes the download', async () => {
  const content = contentOf(12 * MIB);
  const liar = await raw({
    content,
    device: device(66),
    user: 'mallory',
    answer: (_block, truth) => Buffer.alloc(truth.length, 'lie'),
  });
  const honest = await raw({ content, device: device(67), user: 'alice' });
  const leecher = await bed.engine();
  const path = await leecher.fetch(content);
  await leecher.peers(content, [liar, honest]);
  await leecher.until(() => leecher.event('banned') !== undefined);
  expect(leecher.event('banned')).toMatchObject({ device: device(66), user: 'mallory' });
  await leecher.completed(content);
  expect(await sameBytes(path, content.bytes)).toBe(true);
  expect(leecher.snapshot(content)!.sources).toEqual([
    { device: device(67), user: 'alice', bytes: content.bytes.length },
  ]);
  const before = liar.connections;
  await leecher.peers(content, [liar, honest]);
  expect(liar.connections).toBe(before);
});

test('an info-hash that is not offered is answered with nothing', async () => {
  const [content, other] = [contentOf(MIB), contentOf(MIB, 2)];
  const seeder = await bed.engine();
  await seeder.seed(content);
  expect(await talk(seeder.port, handshakeFor(other.share))).toHaveLength(0);
  await serves(seeder, content);
});

test('another protocol is answered with nothing', async () => {
  const content = contentOf(MIB);
  const seeder = await bed.engine();
  await seeder.seed(content);
  expect(await talk(seeder.port, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toHaveLength(0);
  expect(await talk(seeder.port, Buffer.alloc(100_000, 0xff))).toHaveLength(0);
  await serves(seeder, content);
});

test.each([
  ['who does not say who it is', encodeMessage({ type: 'interested' })],
  ['who names no device', encodeMessage({ type: 'extended', id: 0, payload: Buffer.from('de') })],
  [
    'whose extension handshake is no bencoding',
    encodeMessage({ type: 'extended', id: 0, payload: Buffer.from('zzz') }),
  ],
  ['whose user would steer a terminal', encodeMessage(introduction(device(9), '\x1b[2J'))],
  ['who sends a frame of 4 GiB', Buffer.from('ffffffff07', 'hex')],
])('somebody %s gets the handshake and no more', async (_who, message) => {
  const content = contentOf(MIB);
  const seeder = await bed.engine();
  await seeder.seed(content);
  const answer = await talk(seeder.port, handshakeFor(content.share), message);
  expect(answer.subarray(0, 20).toString('latin1')).toBe('\x13BitTorrent protocol');
  expect(answer.includes(Buffer.from(encodeMessage({ type: 'have_all' })))).toBe(false);
  expect(answer.length).toBeLessThan(HANDSHAKE_BYTES + 200);
  await serves(seeder, content);
});

test('at most 16 handshakes of one address are pending', async () => {
  const content = contentOf(MIB);
  const seeder = await bed.engine();
  await seeder.seed(content);
  const sockets = await Promise.all(
    Array.from(
      { length: 16 },
      () =>
        new Promise<net.Socket>((resolve) => {
          const socket = net.connect(seeder.port, '127.0.0.1', () => resolve(socket));
        }),
    ),
  );
  expect(await talk(seeder.port, handshakeFor(content.share))).toHaveLength(0);
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on('close', resolve)
            .on('error', () => {})
            .destroy(),
        ),
    ),
  );
  await serves(seeder, content);
});

test('who asks for everything at once and reads nothing does not stop others', async () => {
  const content = contentOf(8 * MIB);
  const seeder = await bed.engine();
  await seeder.seed(content);
  const geometry = content.parsed.geometry;
  const requests = [...geometry.pieces()].flatMap((piece) =>
    Array.from({ length: geometry.blockCount(piece) }, (_, ordinal) =>
      encodeMessage({ type: 'request', block: geometry.blockAt(piece, ordinal)! }),
    ),
  );
  const socket = net.connect(seeder.port, '127.0.0.1');
  socket.on('error', () => {});
  const unchoked = new Promise<void>((resolve) => {
    let got = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.includes(Buffer.from(encodeMessage({ type: 'unchoke' })))) resolve();
    });
  });
  socket.write(
    Buffer.concat([
      handshakeFor(content.share),
      encodeMessage(introduction(device(5), 'greedy')),
      encodeMessage({ type: 'have_none' }),
      encodeMessage({ type: 'interested' }),
    ]),
  );
  await unchoked;
  socket.pause();
  for (let round = 0; round < 3; round++) socket.write(Buffer.concat(requests));
  await serves(seeder, content);
  await new Promise((resolve) => socket.on('close', resolve).destroy());
});
