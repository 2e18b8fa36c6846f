import { isIPv6 } from 'node:net';

/** What limits count by. One household's addresses count as one: an IPv6 peer has a whole /64 to choose from. */
export function blockOf(host: string): string {
  if (!isIPv6(host)) return host;
  const [head = '', tail = ''] = host.split('%')[0]!.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const groups = host.includes('::') ? [...front, ...Array(8 - front.length - back.length).fill('0'), ...back] : front;
  return groups.slice(0, 4).join(':');
}

/** An IPv4 peer on a socket that takes both families shows as ::ffff:1.2.3.4; limits count it as what it is. */
export const unmapped = (host: string): string =>
  host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
