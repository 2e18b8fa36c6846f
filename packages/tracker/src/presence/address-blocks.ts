import { isIPv6 } from 'node:net';
import { plainHost } from './plain-host.ts';

/**
 * The blocks of addresses that one household or company may have to itself, the smallest first: the address itself for IPv4; the /64 and the /48 for IPv6.
 */
export function blocksOf(source: string): readonly [smallest: string, ...wider: string[]] {
  const host = plainHost(source);
  if (!isIPv6(host)) return [host];
  const groups = expanded(host.replace(/%.*$/, ''));
  return [`${groups.slice(0, 4).join(':')}::/64`, `${groups.slice(0, 3).join(':')}::/48`];
}

/** The eight groups of an IPv6 address, without leading zeros; an IPv4 ending counts as its two. */
function expanded(host: string): string[] {
  const [head = '', tail] = host.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array<string>(zeros).fill('0'), ...back].map((group) => group.replace(/^0+(?=.)/, ''));
}
