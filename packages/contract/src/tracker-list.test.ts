import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerageError } from './errors/peerage-error.ts';
import { parseTrackerList } from './tracker-list.ts';

const PIN = 'ab'.repeat(32);

describe('parseTrackerList', () => {
  it('reads names, addresses, pins, comments and blank lines in order', () => {
    const text = `\uFEFF# ours\r\n\r\n127.0.0.1:7700\n  Tracker.Example:7701  sha256:${PIN.toUpperCase()} # second\n[::1]:7702\n`;
    expect(parseTrackerList(text, 't')).toEqual([
      { host: '127.0.0.1', port: 7700, address: '127.0.0.1:7700', pin: null },
      { host: 'tracker.example', port: 7701, address: 'tracker.example:7701', pin: PIN },
      { host: '::1', port: 7702, address: '[::1]:7702', pin: null },
    ]);
  });

  it('takes a comment to the end of its line, whatever is in it', () => {
    expect(parseTrackerList('a:1 # one\u2028two\u2029three\n#\u2028\nb:2', 't').map((line) => line.host)).toEqual([
      'a',
      'b',
    ]);
  });

  it.each([
    ['a:1\nb', "t, line 2: 'b' is not host:port, ip:port or [v6]:port"],
    ['a:0', 't, line 1: port 0 is not between 1 and 65535'],
    ['a:65536', 't, line 1: port 65536 is not between 1 and 65535'],
    ['a:x', "t, line 1: 'a:x' is not host:port, ip:port or [v6]:port"],
    ['::1:80', "t, line 1: '::1:80' is not host:port, ip:port or [v6]:port"],
    ['[::g]:80', "t, line 1: '::g' is no IPv6 address"],
    ['1.2.3:80', "t, line 1: '1.2.3' is no IPv4 address"],
    ['1.2.3.256:80', "t, line 1: '1.2.3.256' is no IPv4 address"],
    ['-a:80', "t, line 1: '-a' is no host name"],
    [':80', "t, line 1: '' is no host name"],
    ['\u212aelvin:80', "t, line 1: '?elvin' is no host name"],
    ['a:80 sha256:ff', "t, line 1: 'sha256:ff' is no key pin: write sha256: and 64 hex digits"],
    [`a:80 sha256:${PIN} x`, "t, line 1: 'x' is one word too many: a line is host:port [sha256:<hex>]"],
    ['a:80\nA:80', 't, line 2: a:80 is listed twice'],
    ['\u001b[2J', "t, line 1: '?[2J' is not host:port, ip:port or [v6]:port"],
    ['# none', 't lists no tracker: write one host:port a line'],
    ['#'.repeat(65537), 't is no tracker file: it is longer than 64 KiB'],
    [Array.from({ length: 17 }, (_, n) => `a:${n + 1}`).join('\n'), 't lists 17 trackers: at most 16 are allowed'],
  ])('refuses %j', (text, message) => {
    expect(() => parseTrackerList(text, 't')).toThrow(new PeerageError('usage', message));
  });

  it('reads a list or refuses it, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          expect(parseTrackerList(text, 't').length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PeerageError);
        }
      }),
    );
  });
});
