import { isIPv4, isIPv6 } from 'node:net';
import { PeerageError, parseTrackerList, type TrackerLine } from '@peerage/contract';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';

const pin = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Tracker files. */
export const trackerList: Decoder = {
  name: 'tracker-list',
  words: [
    pin, ` ${pin}`, ' SHA256:', '#', '\r\n', '\r', '\t', '127.0.0.1:8080', '[::1]:8080', '[::ffff:1.2.3.4]:1', '[fe80::1%eth0]:80', 'localhost:65535', 'a_b-c.:1', '1.2.3:4',
    '01.2.3.4:5', ':0', ':65536', ':080', '\ufeff', '\u212a', '\u00a0', '\u2028', 'x'.repeat(64), `${'a.'.repeat(126)}a`, 'tracker.example:7000\n'.repeat(2),
  ], // biome-ignore format: a table
  maxBytes: 70_000,
  mutate(input, random) {
    const text = Buffer.from(input).toString('utf8');
    const port = random.pick([...text.matchAll(/(?<=:)\d+/g)]);
    if (port === undefined) return input;
    const other = random.pick(['0', '1', '00', '65535', '65536', '99999', '100000', '-1', '1e3', '٣'])!;
    return Buffer.from(text.slice(0, port.index) + other + text.slice(port.index + port[0].length));
  },
  seeds: () => [
    Buffer.from('127.0.0.1:8080\n'),
    Buffer.from(`# trackers\n\nTracker.Example:7000 ${pin} # the first\r\n[2001:db8::1]:7001\n10.0.0.1:1`),
    Buffer.from(Array.from({ length: 16 }, (_, at) => `t${at}.example.org:${at + 1}`).join('\n')),
  ],
  check(input) {
    const text = Buffer.from(input).toString('utf8');
    const expected = expectation(text);
    const got = attempt(
      () => parseTrackerList(text, 'the file'),
      (error) => error instanceof PeerageError && error.code === 'usage',
    );
    if ('refusal' in got) {
      demand(expected === undefined, `refuses what the specification allows: ${got.refusal.message}`);
      demand(
        got.refusal.message.length < 400 && !/[^\x20-\x7e]/.test(got.refusal.message),
        'a refusal that is long or steers a terminal',
      );
      return refused(got.refusal.message);
    }
    demand(expected !== undefined, 'accepts what the specification refuses');
    demand(
      JSON.stringify(got.value) === JSON.stringify(expected),
      `reads ${JSON.stringify(got.value)} where ${JSON.stringify(expected)} is right`,
    );
    const again = parseTrackerList(written(got.value), 'the file');
    demand(JSON.stringify(again) === JSON.stringify(got.value), 'reads back something else than it wrote');
    return accepted(`accepted ${got.value.length}${got.value.some((line) => line.pin) ? ' with pin' : ''}`);
  },
};

const written = (lines: readonly TrackerLine[]): string =>
  lines.map(({ address, pin }) => (pin === null ? address : `${address} sha256:${pin}`)).join('\n');

function expectation(text: string): TrackerLine[] | undefined {
  if (text.length > 65_536) return undefined;
  const lines: TrackerLine[] = [];
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  for (const line of body.replaceAll('\r', '\n').split('\n')) {
    const words = (line.split('#')[0] ?? '').split(/\s/).filter((word) => word !== '');
    if (words.length === 0) continue;
    const read = readLine(words);
    if (read === undefined || lines.some((earlier) => earlier.address === read.address)) return undefined;
    lines.push(read);
  }
  return lines.length >= 1 && lines.length <= 16 ? lines : undefined;
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function readLine(words: readonly string[]): TrackerLine | undefined {
  const [where = '', pinWord] = words.map(lower);
  const colon = where.lastIndexOf(':');
  const [hostPart, digits] = [where.slice(0, colon), where.slice(colon + 1)];
  const port = [...digits].every((digit) => '0123456789'.includes(digit)) && digits.length <= 5 ? Number(digits) : 0;
  if (words.length > 2 || colon < 0 || port < 1 || port > 65_535) return undefined;
  const isBracketed = hostPart.startsWith('[') && hostPart.endsWith(']');
  const host = isBracketed ? hostPart.slice(1, -1) : hostPart;
  const isV4Like = [...host].every((character) => '0123456789.'.includes(character));
  if (isBracketed ? !isIPv6(host) || host.includes('%') : isV4Like ? !isIPv4(host) : !isHostName(host))
    return undefined;
  if (pinWord !== undefined && !(pinWord.startsWith('sha256:') && pinWord.length === 71 && isHex(pinWord.slice(7))))
    return undefined;
  return { host, port, address: `${hostPart}:${port}`, pin: pinWord === undefined ? null : pinWord.slice(7) };
}

const isHex = (text: string): boolean => [...text].every((digit) => '0123456789abcdef'.includes(digit));

function isHostName(host: string): boolean {
  if (host.length > 253 || host.length === 0) return false;
  const labels = (host.endsWith('.') ? host.slice(0, -1) : host).split('.');
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return labels.every(
    (label) =>
      label.length >= 1 &&
      label.length <= 63 &&
      letters.includes(label[0]!) &&
      [...label].every((each) => `${letters}_-`.includes(each)),
  );
}
