import { PeerageError } from '@peerage/contract/bare';

/** Why a port could not be listened on, in words; what is no such failure comes back as it is. */
export function listenFailure(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new PeerageError('address_in_use', `another program listens on ${where}: choose another port`);
    case 'EADDRNOTAVAIL':
      return new PeerageError('usage', `${host} is no address of this machine: choose another address to listen on`);
    case 'EACCES':
      return new PeerageError('usage', `you may not listen on ${where}: choose a port from 1024 on`);
    case 'ENOTFOUND':
      return new PeerageError('usage', `no address is known for '${host}': choose another address to listen on`);
    default:
      return error;
  }
}
