import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { believedAddresses, isShownTo } from './addresses.ts';
import { plainHost } from './plain-host.ts';

const at = (host: string, port = 5000) => ({ host, port });

describe('believed addresses', () => {
  it.each<[string, string[], string, string[]]>([
    ['loopback from loopback', ['127.0.0.1', '::1'], '127.0.0.1', ['127.0.0.1', '::1']],
    ['another loopback one than the source', ['127.0.0.50', '127.0.0.3'], '127.0.0.3', ['127.0.0.3']],
    ['loopback from elsewhere: only the source is left', ['127.0.0.1'], '192.168.1.5', ['192.168.1.5']],
    ['private ones, and the source', ['10.0.0.5', 'fd00::5'], '203.0.113.9', ['10.0.0.5', 'fd00::5', '203.0.113.9']],
    ['a global one that is the source', ['203.0.113.9', '10.0.0.5'], '203.0.113.9', ['203.0.113.9', '10.0.0.5']],
    ['a global one that is a stranger', ['198.51.100.7'], '10.0.0.5', ['10.0.0.5']],
    ['a stranger told from loopback', ['198.51.100.7', '10.0.0.5'], '127.0.0.1', ['10.0.0.5']],
    ['IPv4 in IPv6 notation', ['::ffff:127.0.0.1'], '127.0.0.1', ['127.0.0.1']],
    ['none', [], '10.0.0.5', []],
  ])('%s', (_, claimed, source, believed) => {
    expect(
      believedAddresses(
        claimed.map((host) => at(host)),
        source,
      ),
    ).toEqual(believed.map((host) => at(host)));
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
    '240.0.0.1',
    'ff02::1',
    '::ffff:0.0.0.0',
    'fe80::1%eth0',
    'localhost',
    'example.org',
    '1.2.3',
    '',
  ])('refuses %j', (host) => {
    expect(() => believedAddresses([at(host)], '127.0.0.1')).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('are at most 8, whatever is claimed', () => {
    const many = Array.from({ length: 8 }, (_, n) => at(`10.0.0.${n + 1}`));
    expect(believedAddresses(many, '203.0.113.9')).toEqual(many);
  });

  it('never aim at a stranger', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4(), { maxLength: 8 }), fc.ipV4(), (hosts, source) => {
        const claimed = hosts.filter((host) => !/^(0|22[4-9]|23\d|24\d|25[0-5])\./.test(host));
        for (const { host } of believedAddresses(
          claimed.map((h) => at(h)),
          source,
        )) {
          const near =
            /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host);
          expect(near || host === source).toBe(true);
        }
      }),
    );
  });
});

describe('an address is shown', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', '10.0.0.7', false],
    ['10.0.0.5', '10.0.0.5', '10.0.0.7', true],
    ['10.0.0.5', '10.0.0.5', '10.9.0.7', true],
    ['10.0.0.5', '10.0.0.5', '127.0.0.1', true],
    ['10.0.0.5', '127.0.0.1', '10.0.0.7', true],
    ['10.0.0.5', '127.0.0.1', '10.0.9.7', false],
    ['10.0.0.5', '10.0.0.9', '10.0.9.7', false],
    ['10.0.0.5', '10.0.0.5', '203.0.113.9', false],
    ['fd00::5', '10.0.0.5', 'fd00::7', true],
    ['10.0.0.5', '127.0.0.1', '127.0.0.1', true],
    ['10.0.0.5', '203.0.113.9', '203.0.113.9', true],
    ['10.0.0.5', '203.0.113.9', '198.51.100.7', false],
    ['fe80::5', '10.0.0.5', 'fd00::7', false],
    ['fe80::5', '10.0.0.5', 'fe80::7', true],
    ['203.0.113.9', '203.0.113.9', '198.51.100.7', true],
  ])('%s of a device at %s to a requester at %s: %s', (host, deviceSource, requester, shown) => {
    expect(isShownTo(at(host), deviceSource, requester)).toBe(shown);
  });
});

it('knows IPv4 addresses in IPv6 notation', () => {
  expect(plainHost('::FFFF:10.0.0.5')).toBe('10.0.0.5');
  expect(plainHost('::ffff:999.0.0.5')).toBe('::ffff:999.0.0.5');
  expect(plainHost('FD00::1')).toBe('fd00::1');
});
