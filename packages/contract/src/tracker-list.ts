import { z } from 'zod';
import { PeerageError } from './errors/peerage-error.ts';

/** One line of a tracker file. Trackers are numbered by their place in it, from 1. */
export interface TrackerLine {
  /** A name, an IPv4 address or an IPv6 address without brackets, in lower case. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, an IPv6 host in brackets: how people and messages name this tracker. */
  readonly address: string;
  /** SHA-256 of the tracker's public key (SPKI), lower-case hex, where the file pins it. */
  readonly pin: string | null;
}

export const trackerListLimits = { fileCharacters: 64 * 1024, trackers: 16 } as const;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,62})(\.[a-z0-9]([a-z0-9_-]{0,62}))*\.?$/;
const PIN = /^sha256:([0-9a-f]{64})$/;

/**
 * Reads a tracker file: `host:port`, `ip:port` or `[v6]:port` a line, optionally followed by `sha256:<hex>`; blank lines and `#` comments
 * are skipped. `fileName` is only named in refusals. Throws `usage` with file, line and reason.
 */
export function parseTrackerList(text: string, fileName: string): TrackerLine[] {
  if (text.length > trackerListLimits.fileCharacters) {
    throw new PeerageError('usage', `${fileName} is no tracker file: it is longer than 64 KiB`);
  }
  const trackers: TrackerLine[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  lines.forEach((line, index) => {
    const words = line.replace(/#.*$/s, '').trim().split(/\s+/);
    if (words[0] === '') return;
    const tracker = parseLine(words, (reason) => {
      throw new PeerageError('usage', `${fileName}, line ${index + 1}: ${reason}`);
    });
    if (trackers.some((earlier) => earlier.address === tracker.address)) {
      throw new PeerageError('usage', `${fileName}, line ${index + 1}: ${tracker.address} is listed twice`);
    }
    trackers.push(tracker);
  });
  if (trackers.length === 0) {
    throw new PeerageError('usage', `${fileName} lists no tracker: write one host:port a line`);
  }
  if (trackers.length > trackerListLimits.trackers) {
    throw new PeerageError(
      'usage',
      `${fileName} lists ${trackers.length} trackers: at most ${trackerListLimits.trackers} are allowed`,
    );
  }
  return trackers;
}

type Refuse = (reason: string) => never;

function parseLine(words: string[], refuse: Refuse): TrackerLine {
  const [where = '', pinWord, extra] = words;
  if (extra !== undefined) refuse(`'${printable(extra)}' is one word too many: a line is host:port [sha256:<hex>]`);
  const { host, bracketed, port } = splitAddress(where, refuse);
  const address = bracketed ? `[${host}]:${port}` : `${host}:${port}`;
  if (pinWord === undefined) return { host, port, address, pin: null };
  const pin = PIN.exec(pinWord.toLowerCase())?.[1];
  if (pin === undefined) return refuse(`'${printable(pinWord)}' is no key pin: write sha256: and 64 hex digits`);
  return { host, port, address, pin };
}

function splitAddress(where: string, refuse: Refuse): { host: string; bracketed: boolean; port: number } {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(lowerCase(where));
  if (parts === null) return refuse(`'${printable(where)}' is not host:port, ip:port or [v6]:port`);
  const [, v6, name = '', digits] = parts;
  const port = Number(digits);
  if (port < 1 || port > 65535) refuse(`port ${digits} is not between 1 and 65535`);
  if (v6 !== undefined) {
    if (!z.ipv6().safeParse(v6).success) refuse(`'${printable(v6)}' is no IPv6 address`);
    return { host: v6, bracketed: true, port };
  }
  const isV4 = /^[0-9.]+$/.test(name);
  if (isV4 ? !z.ipv4().safeParse(name).success : !HOST_NAME.test(name)) {
    refuse(`'${printable(name)}' is no ${isV4 ? 'IPv4 address' : 'host name'}`);
  }
  return { host: name, bracketed: false, port };
}

/** Of ASCII alone: the Kelvin sign is no k. */
const lowerCase = (word: string): string => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What of a stranger's word may stand in a message: short, and nothing that moves a terminal's cursor. */
const printable = (word: string): string => word.slice(0, 80).replace(/[^\x21-\x7e]/g, '?');
