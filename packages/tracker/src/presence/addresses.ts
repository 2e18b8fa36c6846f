import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { PeerageError } from '@peerage/contract';
import { presenceLimits } from '../limits.ts';
import { blocksOf } from './address-blocks.ts';
import { plainHost } from './plain-host.ts';

/** Which addresses of a device are believed and whom they are shown to, so that presence can't be used to aim peers at strangers. */

export interface Address {
  readonly host: string;
  readonly port: number;
}

type Scope = 'loopback' | 'private' | 'global';

function blockList(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const net of v4) list.addSubnet(net.split('/')[0]!, Number(net.split('/')[1]), 'ipv4');
  for (const net of v6) list.addSubnet(net.split('/')[0]!, Number(net.split('/')[1]), 'ipv6');
  return list;
}

const loopback = blockList(['127.0.0.0/8'], ['::1/128']);
/** Private, link-local and carrier-grade NAT. */
const local = blockList(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'],
  ['fc00::/7', 'fe80::/10'],
);
/** Nobody listens there: unspecified, multicast, broadcast, reserved. */
const impossible = blockList(['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4'], ['::/128', 'ff00::/8']);

const family = (host: string): 'ipv4' | 'ipv6' => (isIPv4(host) ? 'ipv4' : 'ipv6');

function scopeOf(host: string): Scope {
  if (loopback.check(host, family(host))) return 'loopback';
  return local.check(host, family(host)) ? 'private' : 'global';
}

export const isLoopback = (host: string): boolean => scopeOf(host) === 'loopback';

/** What a machine calls itself; other loopback addresses may belong to another program than the one that names them. */
const isUsualLoopback = (host: string): boolean => host === '127.0.0.1' || host === '::1';

/** Which of an address's words count as its own name: an address written in two ways is one. */
export const addressKey = ({ host, port }: Address): string => `${plainHost(host)} ${port}`;

/** The addresses of a heartbeat that are believed only of a device that answers there: global ones that are not its source. */
export const toBeProven = (claimed: readonly Address[], source: string): Address[] =>
  claimed
    .map(({ host, port }) => ({ host: concreteHost(host), port }))
    .filter(({ host }) => scopeOf(host) === 'global' && host !== source);

/**
 * The addresses of a heartbeat that are believed, given where it came from. A global one only if it is the source, or is among the `proven`
 * (addressKey); a loopback one only if it is the source, or the usual one from loopback. The source itself, with the first port named, is added: behind
 * a router a device does not know it. Refuses what nobody can listen on.
 */
export function believedAddresses(
  claimed: readonly Address[],
  source: string,
  proven: ReadonlySet<string> = new Set(),
): Address[] {
  const addresses = claimed.map(({ host, port }) => ({ host: concreteHost(host), port }));
  const believed = addresses.filter((address) => {
    const { host } = address;
    const scope = scopeOf(host);
    if (scope === 'global' && proven.has(addressKey(address))) return true;
    return scope === 'private' || host === source || (isUsualLoopback(host) && scopeOf(source) === 'loopback');
  });
  const port = addresses[0]?.port;
  if (port !== undefined && scopeOf(source) !== 'loopback' && !believed.some(({ host }) => host === source)) {
    believed.push({ host: source, port });
  }
  return believed.slice(0, presenceLimits.addresses);
}

function concreteHost(written: string): string {
  const host = plainHost(written);
  const isIp = isIPv4(host) || isIPv6(host);
  if (isIp && !host.includes('%') && !impossible.check(host, family(host))) return host;
  const why = isIp ? 'nobody can be reached there' : 'it is no IP address';
  throw new PeerageError('protocol', `peers can not be sent to ${JSON.stringify(written)}: ${why}`);
}

const groupsOf = (host: string): string[] => (isIPv4(host) ? host.split('.').slice(0, 3) : blocksOf(host).slice(0, 1));
/** One /24 (IPv4) or /64 (IPv6): who is in it could reach the address anyway. */
const isSameSubnet = (a: string, b: string): boolean =>
  family(a) === family(b) && groupsOf(a).join('.') === groupsOf(b).join('.');

/**
 * Whether a device's address is told to a requester. Loopback stays on one machine. A private address that the device was seen at goes to all private
 * networks; one that it only claims goes to who is behind the same public address, in that address's subnet, or on the tracker's machine
 * beside the device: nobody else is sent to a stranger's machine by it.
 */
export function isShownTo(address: Address, deviceSource: string, requesterSource: string): boolean {
  const requester = scopeOf(requesterSource);
  switch (scopeOf(address.host)) {
    case 'loopback':
      return requester === 'loopback';
    case 'private':
      if (deviceSource === requesterSource || isSameSubnet(address.host, requesterSource)) return true;
      return address.host === deviceSource && requester !== 'global';
    case 'global':
      return true;
  }
}
