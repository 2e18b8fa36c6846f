import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { PeerageError } from '@peerage/contract';

interface Address {
  readonly host: string;
  readonly port: number;
}

type Kinds = Readonly<Record<string, 'string' | 'boolean'>>;
type Flags<K extends Kinds> = { readonly [F in keyof K]?: K[F] extends 'string' ? string : boolean };

/** A program's own words and flags; unknown flags, missing values and flags given twice are refused with `usage`. */
export function readFlags<const K extends Kinds>(
  args: readonly string[],
  kinds: K,
  usage: string,
): { readonly words: readonly string[]; readonly flags: Flags<K> } {
  const refuse = (what: string): never => {
    throw new PeerageError('usage', `${what}: ${usage}`);
  };
  const options = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]));
  const { positionals, values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const kind = Object.hasOwn(kinds, token.name) ? kinds[token.name] : refuse(`there is no option ${token.rawName}`);
    if (kind === 'string' && !token.value) refuse(`${token.rawName} needs a value`);
    if (kind === 'boolean' && token.value !== undefined) refuse(`${token.rawName} takes no value`);
    if (seen.has(token.name)) refuse(`${token.rawName} is given twice`);
    seen.add(token.name);
  }
  return { words: positionals, flags: values as Flags<K> };
}

/** `ip:port` or `[v6]:port`; port 0 is any free one. */
export function readAddress(text: string, what: string): Address {
  const [, v6, v4, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? v4;
  const family = host === undefined ? 0 : isIP(host);
  if (host === undefined || family !== (v6 === undefined ? 4 : 6) || Number(port) > 65_535) {
    throw new PeerageError('usage', `${what} '${text}' is not <ip>:<port>, such as 127.0.0.1:5000 or [::1]:5000`);
  }
  return { host, port: Number(port) };
}

/** The same for a client: members are never told a port below 1024 (security.md), so nobody would come there. */
export function readPeerAddress(text: string, what: string): Address {
  const address = readAddress(text, what);
  if (address.port > 0 && address.port < 1024) {
    throw new PeerageError(
      'usage',
      `${what} '${text}' has a port below 1024, where no member looks for peers: take one above`,
    );
  }
  return address;
}

const UNITS = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;

/** Bytes of a size such as `500M`, `20G` or `1T`, in powers of 1024. */
export function readSize(text: string, what: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * UNITS[unit.toUpperCase() as keyof typeof UNITS];
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new PeerageError('usage', `${what} '${text}' is no size, such as 500M, 20G or 1T`);
}
