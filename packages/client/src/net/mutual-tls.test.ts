import { X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Memberships, peerTls } from './memberships.ts';
import { admit, type MutualTls, mutualTls } from './mutual-tls.ts';
import { MemoryIssuer, membershipOf, type TestCertificate } from './test-bed/memory-issuer.ts';
import { TrackerClock } from './tracker-clock.ts';
import type { ByteConnection, TransportListener } from './transport.ts';

const group = 'a'.repeat(32);
const device = (number: number) => number.toString(16).padStart(32, '0');

let issuer: MemoryIssuer;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  issuer = await MemoryIssuer.make();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function party(certificate: TestCertificate, issuers = [issuer]) {
  const memberships = new Memberships(new TrackerClock(() => performance.now()));
  memberships.set(membershipOf(certificate, issuers));
  const refused: string[] = [];
  const transport: MutualTls = mutualTls(memberships, ({ code }) => refused.push(code));
  ends.push(() => transport.close());
  return { memberships, transport, refused };
}

async function listening(transport: MutualTls): Promise<{ listener: TransportListener; accepted: ByteConnection[] }> {
  const accepted: ByteConnection[] = [];
  const listener = await transport.listen('127.0.0.1', 0, (connection) => {
    connection.start({ onData: () => {}, onClose: () => {} });
    ends.push(() => connection.close());
    accepted.push(connection);
  });
  ends.push(() => listener.close());
  return { listener, accepted };
}

const limit = () => AbortSignal.timeout(5000);

describe('the dialer', () => {
  test('takes the device that it means, and learns who it is from the certificate', async () => {
    const seeder = await party(await issuer.certify({ group, device: device(1), user: device(9) }));
    const { listener } = await listening(seeder.transport);
    const leecher = await party(await issuer.certify({ group, device: device(2) }));
    const connection = await leecher.transport.dial(listener.address, { group, device: device(1) }, limit());
    ends.push(() => connection.close());
    expect(connection.member).toEqual({ group, device: device(1), user: device(9) });
    expect(leecher.refused).toEqual([]);
  });

  test('leaves where another member answers than it means', async () => {
    const seeder = await party(await issuer.certify({ group, device: device(1) }));
    const { listener } = await listening(seeder.transport);
    const leecher = await party(await issuer.certify({ group, device: device(2) }));
    const dialing = leecher.transport.dial(listener.address, { group, device: device(3) }, limit());
    await expect(dialing).rejects.toMatchObject({ code: 'wrong_device' });
    expect(leecher.refused).toEqual(['wrong_device']);
  });

  test('leaves where the name means nothing to whoever answers', async () => {
    const seeder = await party(await issuer.certify({ group: 'b'.repeat(32), device: device(1) }));
    const { listener } = await listening(seeder.transport);
    const leecher = await party(await issuer.certify({ group, device: device(2) }));
    const dialing = leecher.transport.dial(listener.address, { group, device: device(1) }, limit());
    await expect(dialing).rejects.toMatchObject({ code: 'wrong_group' });
    expect(leecher.refused).toEqual(['wrong_group']);
  });

  test('leaves where whoever answers has a certificate of no tracker of ours', async () => {
    const other = await MemoryIssuer.make();
    const seeder = await party(await other.certify({ group, device: device(1) }), [other]);
    const { listener } = await listening(seeder.transport);
    const leecher = await party(await issuer.certify({ group, device: device(2) }));
    const dialing = leecher.transport.dial(listener.address, { group, device: device(1) }, limit());
    await expect(dialing).rejects.toMatchObject({ code: 'unknown_issuer' });
  });

  test('makes nothing without a certificate of its own', async () => {
    const leecher = await party(await issuer.certify({ group, device: device(2) }));
    leecher.memberships.drop(group);
    const dialing = leecher.transport.dial({ host: '127.0.0.1', port: 9 }, { group, device: device(1) }, limit());
    await expect(dialing).rejects.toThrow('no certificate for the group');
  });
});

test('a connection ends when the first of the two certificates does', async () => {
  const seeder = await party(await issuer.certify({ group, device: device(1) }, { toMs: 2500 }));
  const { listener, accepted } = await listening(seeder.transport);
  const leecher = await party(await issuer.certify({ group, device: device(2) }));
  const connection = await leecher.transport.dial(listener.address, { group, device: device(1) }, limit());
  const { notAfterMs } = (connection as unknown as { certificate: { notAfterMs: number } }).certificate;
  const closed = new Promise<number>((resolve) =>
    connection.start({ onData: () => {}, onClose: () => resolve(Date.now()) }),
  );
  expect(Math.abs((await closed) - notAfterMs)).toBeLessThan(500);
  expect(Math.abs(accepted[0]!.endsAtMs - connection.endsAtMs)).toBeLessThan(500);
});

test('a resumed session is refused, though its certificate still counts: it may not any more', async () => {
  const certificate = await issuer.certify({ group, device: device(2) });
  const own = await party(await issuer.certify({ group, device: device(1) }));
  const judged: (string | undefined)[] = [];
  const { secureOptions: _noTickets, ...withTickets } = peerTls;
  const server = createServer({ ...withTickets, requestCert: true, rejectUnauthorized: false }, (socket) => {
    try {
      admit(own.memberships, socket, group);
      judged.push(undefined);
    } catch (error) {
      judged.push((error as { code: string }).code);
    }
    socket.on('error', () => {});
    socket.end('judged');
  });
  const seeders = await issuer.certify({ group, device: device(1) });
  const ca = new X509Certificate(issuer.der).toString();
  server.setSecureContext({ ...withTickets, cert: seeders.pem, key: seeders.key, ca });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const visit = (session?: Buffer): Promise<Buffer | undefined> =>
    new Promise((resolve) => {
      let got: Buffer | undefined;
      const socket: TLSSocket = connect({
        host: '127.0.0.1',
        port,
        ...withTickets,
        cert: certificate.pem,
        key: certificate.key,
        rejectUnauthorized: false,
        ...(session === undefined ? {} : { session }),
      });
      socket.on('session', (given) => {
        got = given;
      });
      socket.on('error', () => {});
      socket.resume();
      socket.on('close', () => resolve(got));
    });
  const session = await visit();
  expect(judged.splice(0)).toEqual([undefined]);
  await visit(session);
  expect(judged).toEqual(['resumed_session']);
});
