import { expect, test } from 'vitest';
import { dialFailure } from './dial-failure.ts';
import { Refusal } from './refusal.ts';

const address = { host: '192.0.2.1', port: 7801 };
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test.each<[unknown, string, boolean]>([
  [refused, '192.0.2.1:7801 refuses', false],
  [new Error('no answer'), '192.0.2.1:7801 does not answer', false],
  [undefined, '192.0.2.1:7801 ends the handshake', false],
  [new Refusal('wrong_device', 'another device'), '192.0.2.1:7801 is somebody else', false],
  [new Refusal('not_a_peer', 'no TLS'), '192.0.2.1:7801 is somebody else', false],
  [new Refusal('expired', 'ended'), '192.0.2.1:7801 shows a membership that has ended', true],
  [new Refusal('not_yet_valid', 'early'), '192.0.2.1:7801 shows a membership that is not valid yet', true],
  [new Refusal('revoked_login', 'out'), '192.0.2.1:7801 shows a membership that was taken away', true],
  [new Refusal('retired_issuer', 'old'), '192.0.2.1:7801 shows a membership that none of your trackers gives', true],
  [new Refusal('wrong_group', 'the decoy'), '192.0.2.1:7801 shows no membership of the group', true],
])('%s: %s', (error, words, ofMembership) => {
  expect(dialFailure(address, error)).toEqual({ words, ofMembership });
});
