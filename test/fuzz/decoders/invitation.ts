import { createHash } from 'node:crypto';
import { encodeInvitation, PeerageError, parseInvitation, parseTrackerList } from '@peerage/contract';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';
import { mutateBytes } from '../mutation/bytes.ts';

const PREFIX = 'peerage1:';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const gid = '0123456789abcdef0123456789abcdef';
const pin = 'ab'.repeat(32);
const words = ['\n', '\r\n', `\n${gid}\n`, 'team~12ab', 'a.example:1', ` sha256:${pin}`, '\x1b[2J', '\u202e', '#'];

/** A line with that payload and a right checksum. */
const lineOf = (payload: Uint8Array): Buffer =>
  Buffer.from(PREFIX + Buffer.concat([payload, sha256(payload).subarray(0, 4)]).toString('base64url'));

/** Undefined where the line is not whole. */
function payloadOf(text: string): Buffer | undefined {
  const line = text.trim();
  if (!line.startsWith(PREFIX) || line.length > 2048 || text.length > 4096) return undefined;
  const encoded = line.slice(PREFIX.length);
  const whole = Buffer.from(encoded, 'base64url');
  if (whole.toString('base64url') !== encoded || whole.length < 5) return undefined;
  const payload = whole.subarray(0, -4);
  return sha256(payload).subarray(0, 4).equals(whole.subarray(-4)) ? payload : undefined;
}

/** Lines of `peerage join`, which come from anywhere. */
export const invitation: Decoder = {
  name: 'invitation',
  words: [PREFIX, 'peerage2:', '=', '+', '/', ' ', '\n', ...words],
  maxBytes: 5_000,
  seeds: () =>
    [
      { group: 'team', gid, trackers: [{ address: '127.0.0.1:7700', pin: null }] },
      {
        group: 'Team.2~12ab',
        gid,
        trackers: [
          { address: 'tracker.example:7700', pin },
          { address: '[2001:db8::1]:1', pin: null },
        ],
      },
    ].map((each) => Buffer.from(encodeInvitation(each, sha256))),
  mutate(input, random) {
    const payload = payloadOf(Buffer.from(input).toString('utf8'));
    return payload === undefined ? input : lineOf(mutateBytes(payload, payload, words, random));
  },
  check(input) {
    const text = Buffer.from(input).toString('utf8');
    const payload = payloadOf(text);
    const got = attempt(
      () => parseInvitation(text, sha256),
      (error) => error instanceof PeerageError && error.code === 'usage',
    );
    if ('refusal' in got) {
      demand(
        got.refusal.message.length < 400 && !/[^\x20-\x7e]/.test(got.refusal.message),
        'a refusal that is long or steers a terminal',
      );
      return refused(got.refusal.message);
    }
    demand(payload !== undefined, 'takes a line that is not whole');
    const { group, gid: id, trackers } = got.value;
    const [firstLine, secondLine, ...others] = new TextDecoder('utf-8').decode(payload).split('\n');
    demand(group === firstLine && id === secondLine, 'names another group than the line');
    demand(/^[A-Za-z0-9]/.test(group) && group.length <= 69 && !/[^\w.~-]/.test(group), 'a group that is no name');
    demand(id.length === 32 && !/[^0-9a-f]/.test(id), 'a group without an id');
    demand(
      JSON.stringify(trackers) === JSON.stringify(parseTrackerList(others.join('\n'), 'the line')),
      'names other trackers than the line',
    );
    const again = attempt(
      () => parseInvitation(encodeInvitation(got.value, sha256), sha256),
      (error) => error instanceof PeerageError && error.code === 'limit', // written in full it may be longer than it came
    );
    demand(
      'refusal' in again || JSON.stringify(again.value) === JSON.stringify(got.value),
      'reads back something else than it wrote',
    );
    return accepted(`accepted ${trackers.length}`);
  },
};
