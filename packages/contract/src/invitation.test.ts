import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64url, toBase64url } from './base64url.ts';
import { PeerageError } from './errors/peerage-error.ts';
import { encodeInvitation, type Invitation, parseInvitation } from './invitation.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const invitation: Invitation = {
  group: 'team',
  gid: '0123456789abcdef0123456789abcdef',
  trackers: [
    { address: 'tracker.example:7700', pin: 'ab'.repeat(32) },
    { address: '[2001:db8::1]:7700', pin: null },
  ],
};
const line = encodeInvitation(invitation, sha256);
/** A line with this payload and a right checksum. */
const lineOf = (payload: Buffer): string =>
  `peerage1:${Buffer.concat([payload, sha256(payload).subarray(0, 4)]).toString('base64url')}`;

describe('base64url', () => {
  it('is what other programs write, and nothing else is read', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64url(text)).toEqual(new Uint8Array(bytes));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_+/= ') }), (text) => {
        const bytes = fromBase64url(text);
        if (bytes !== undefined) expect(toBase64url(bytes)).toBe(text);
      }),
    );
  });
});

describe('an invitation', () => {
  it('is one line that reads back, blanks around it aside', () => {
    expect(line).toMatch(/^peerage1:[A-Za-z0-9_-]+$/);
    const read = parseInvitation(`  ${line}\r\n`, sha256);
    expect(read).toMatchObject(invitation);
    expect(encodeInvitation(read, sha256)).toBe(line);
  });

  it('is refused in words when anything of it is lost or changed', () => {
    const broken = fc.oneof(
      fc.integer({ min: 0, max: line.length - 1 }).map((end) => line.slice(0, end)),
      fc
        .tuple(fc.integer({ min: 0, max: line.length - 1 }), fc.constantFrom(...'Az09-_ \n=%é'))
        .map(([at, character]) => line.slice(0, at) + character + line.slice(at + 1))
        .filter((changed) => changed.trim() !== line),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(broken, (text) => {
        expect(() => parseInvitation(text, sha256)).toThrow(expect.objectContaining({ code: 'usage' }));
      }),
    );
  });

  it.each([
    ['no group', `\n${invitation.gid}\na:1`],
    ['a group that steers a terminal', `te\x1b[2Jam\n${invitation.gid}\na:1`],
    ['no id', 'team\nxyz\na:1'],
    ['no tracker', `team\n${invitation.gid}`],
    ['a bad tracker', `team\n${invitation.gid}\nnowhere`],
    ['a bad pin', `team\n${invitation.gid}\na:1 sha256:12`],
  ])('with %s is refused, whoever made it', (_, payload) => {
    expect(() => parseInvitation(lineOf(Buffer.from(payload)), sha256)).toThrow(PeerageError);
    expect(() => parseInvitation(lineOf(Buffer.from(payload)), sha256)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(/^[\x20-\x7e]+$/) }),
    );
  });

  it('holds at most 2 KiB, written or read', () => {
    const many = {
      ...invitation,
      trackers: Array.from({ length: 16 }, (_, at) => ({
        address: `${'x'.repeat(60)}.${at}.example:1`,
        pin: 'ab'.repeat(32),
      })),
    };
    expect(() => encodeInvitation(many, sha256)).toThrow(expect.objectContaining({ code: 'limit' }));
    expect(() => parseInvitation(lineOf(Buffer.alloc(3000, 'a')), sha256)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    const eight = {
      ...invitation,
      trackers: Array.from({ length: 8 }, (_, at) => ({
        address: `tracker-${at}.example.org:7700`,
        pin: 'ab'.repeat(32),
      })),
    };
    expect(parseInvitation(encodeInvitation(eight, sha256), sha256)).toMatchObject(eight);
  });

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        try {
          parseInvitation(lineOf(Buffer.from(payload)), sha256);
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' });
        }
      }),
    );
  });
});
