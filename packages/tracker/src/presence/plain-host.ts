import { isIPv4 } from 'node:net';

/** An IPv4 address inside IPv6 notation is the IPv4 address. */
export function plainHost(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : host.toLowerCase();
}
