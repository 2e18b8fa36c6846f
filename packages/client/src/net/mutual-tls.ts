import net from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { unmapped } from './address-block.ts';
import { Decoy } from './decoy.ts';
import type { GroupCertificate } from './group-certificate.ts';
import { HandshakeBudget } from './handshake-budget.ts';
import { handshakeLimits, linkLimits } from './limits.ts';
import { type Memberships, peerTls } from './memberships.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { TlsConnection } from './tls-connection.ts';
import type { DialPurpose, NetAddress, Transport, TransportListener } from './transport.ts';

export interface RefusedConnection {
  readonly code: RefusalCode;
  readonly message: string;
  /** '' where the other side was gone already. */
  readonly host: string;
}

export interface MutualTls extends Transport {
  /** Ends the rechecking; listeners and connections are closed by their owners. */
  close(): void;
}

/**
 * TLS 1.3 between members: both sides show the certificate of one group, which the server name chooses.
 *
 * Always true: a connection is handed out only after {@link Memberships.judge} let its certificate in, on a full handshake; every open one is checked
 * again every 10 s and at each revocation, and ends at the earlier `notAfter` of the two. Nothing is told to whom it refuses.
 */
export function mutualTls(memberships: Memberships, onRefused: (refused: RefusedConnection) => void): MutualTls {
  const open = new Set<TlsConnection>();
  const budget = new HandshakeBudget(() => performance.now());
  const recheck = () => {
    for (const connection of [...open]) {
      const refusal = refusalIn(() => memberships.recheck(connection.certificate));
      if (refusal !== undefined) cut(connection, refusal);
    }
  };
  const cut = (connection: TlsConnection, refusal: Refusal) => {
    onRefused({ code: refusal.code, message: refusal.message, host: connection.remote.host });
    connection.end(refusal);
  };
  const decoy = new Decoy(() => performance.now());
  const timer = setInterval(recheck, linkLimits.recheckEveryMs);
  const unwatch = memberships.watch(recheck);

  const adopt = (socket: TLSSocket, certificate: GroupCertificate): TlsConnection => {
    const connection = new TlsConnection(socket, certificate, memberships.timesOf(certificate));
    open.add(connection);
    socket.once('close', () => open.delete(connection));
    return connection;
  };

  return {
    reaches: (group) => memberships.has(group),

    close() {
      clearInterval(timer);
      unwatch();
    },

    listen(host, port, onConnection) {
      const settle = new Map<string, () => void>();
      const refuse = (socket: TLSSocket, { code, message }: Refusal) => {
        onRefused({ code, message, host: unmapped(socket.remoteAddress ?? '') });
        socket.destroy();
      };
      const inner = createServer(
        {
          ...peerTls,
          requestCert: true,
          rejectUnauthorized: false, // own code judges, from the certificate's bytes
          handshakeTimeout: handshakeLimits.tlsMs,
          SNICallback: (serverName, answer) => {
            const named = memberships.named(serverName);
            // Refused when the handshake is over, like a missing certificate.
            if (named === undefined)
              decoy.context(memberships.issuerCount).then((context) => answer(null, context), answer);
            else answer(null, named.context);
          },
        },
        (socket) => {
          socket.on('error', () => {}); // the connection that may be made of it has its own ears
          settle.get(`${socket.remoteAddress} ${socket.remotePort}`)?.();
          const refusal = refusalIn(() => {
            const named = memberships.named((socket as { servername?: string | false }).servername || '');
            if (named === undefined) throw new Refusal('unknown_name', 'a server name that means no group of ours');
            const certificate = admit(memberships, socket, named.group);
            budget.showedCertificate(unmapped(socket.remoteAddress ?? ''));
            onConnection(adopt(socket, certificate));
          });
          if (refusal !== undefined) refuse(socket, refusal);
        },
      );
      inner.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => refuse(socket, handshakeRefusal(error)));

      const server = net.createServer({ noDelay: true }, (raw) => {
        const from = unmapped(raw.remoteAddress ?? '');
        const settled = budget.admit(from);
        if (settled === undefined) {
          onRefused({ code: 'too_many_handshakes', message: 'too many handshakes at once', host: from });
          raw.destroy();
          return;
        }
        const key = `${raw.remoteAddress} ${raw.remotePort}`;
        const done = () => {
          settled();
          settle.delete(key);
        };
        settle.set(key, done);
        raw.on('error', () => {});
        raw.once('close', done);
        inner.emit('connection', raw);
      });
      return new Promise<TransportListener>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => {
          server.removeListener('error', reject);
          // An accept that fails (out of descriptors) concerns that connection only; the listener goes on.
          server.on('error', () => {});
          const address = server.address() as net.AddressInfo;
          resolve({
            address: { host: address.address, port: address.port },
            close: () => new Promise((closed) => server.close(() => closed())),
          });
        });
      });
    },

    async dial(address, purpose, signal) {
      const socket = await dialTls(memberships, address, purpose, signal);
      try {
        const certificate = admit(memberships, socket, purpose.group);
        if (certificate.device !== purpose.device) {
          throw new Refusal('wrong_device', 'another device answers at that address');
        }
        return adopt(socket, certificate);
      } catch (error) {
        if (error instanceof Refusal) onRefused({ code: error.code, message: error.message, host: address.host });
        socket.destroy();
        throw error;
      }
    },
  };
}

/** Who is at the other end of a socket whose handshake is done, on a connection that means `group`. Throws Refusal. */
export function admit(memberships: Memberships, socket: TLSSocket, group: string): GroupCertificate {
  if (socket.isSessionReused()) throw new Refusal('resumed_session', 'a resumed session proves nothing now');
  const chainError = socket.authorized ? null : (socket.authorizationError ?? 'unknown');
  return memberships.judge(socket.getPeerX509Certificate()?.raw, group, chainError);
}

function dialTls(
  memberships: Memberships,
  address: NetAddress,
  purpose: DialPurpose,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const own = memberships.toDial(purpose.group);
    if (own === undefined) throw new Error('there is no certificate for the group');
    const socket = connect({
      host: address.host,
      port: address.port,
      ...peerTls,
      servername: own.serverName,
      secureContext: own.context,
      checkServerIdentity: () => undefined, // the name stands for a group, not for a host: `judge` compares groups
      rejectUnauthorized: false, // own code judges, from the certificate's bytes
    });
    socket.setNoDelay(true);
    let taken = false;
    socket.once('connect', () => {
      taken = true;
    });
    const onAbort = () => socket.destroy(taken ? notAPeer('it says nothing') : signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => signal.removeEventListener('abort', onAbort);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(isNoPeersWord(error.code) ? notAPeer(String(error.code)) : error);
    });
    socket.once('close', () => {
      settle();
      reject(new Error('the other side closed the connection'));
    });
    socket.once('secureConnect', () => {
      settle();
      resolve(socket);
    });
  });
}

/**
 * A connection that is only closed may be a peer's who has enough of them, and an alert a peer's who has no certificate of the group yet; what is no TLS, or an
 * older one, is nobody's.
 */
const isNoPeersWord = (code = ''): boolean =>
  code.startsWith('ERR_SSL_') && (/PROTOCOL_VERSION/.test(code) || !/ALERT|UNRECOGNIZED_NAME/.test(code));
const notAPeer = (why: string) => new Refusal('not_a_peer', `whoever is at that address is no peer (${why})`);

function refusalIn(step: () => void): Refusal | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** OpenSSL's reason for a signature by another key than the certificate's is one of these. */
const badProof = /SIGNATURE_FAILURE|BAD_SIGNATURE|WRONG_SIGNATURE/;

function handshakeRefusal(error: NodeJS.ErrnoException): Refusal {
  if (error instanceof Refusal) return error;
  const why = error.code ?? error.message;
  return badProof.test(why)
    ? new Refusal('bad_proof', 'the other side does not hold the key of its certificate')
    : new Refusal('bad_handshake', `the TLS handshake failed (${why})`);
}
