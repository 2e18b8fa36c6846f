import { describe, expect, it } from 'vitest';
import { readAddress, readFlags, readPeerAddress, readSize } from './flags.ts';

const kinds = { home: 'string', json: 'boolean' } as const;

describe('readFlags', () => {
  it('separates words and flags', () => {
    expect(readFlags(['a', '--home', '/x', 'b', '--json'], kinds, 'u')).toEqual({
      words: ['a', 'b'],
      flags: { home: '/x', json: true },
    });
    expect(readFlags(['--home=/x', '--', '--json'], kinds, 'u')).toEqual({ words: ['--json'], flags: { home: '/x' } });
  });

  it.each([
    [['--nonsense'], 'there is no option --nonsense: u'],
    [['-x'], 'there is no option -x: u'],
    [['--home'], '--home needs a value: u'],
    [['--home='], '--home needs a value: u'],
    [['--json=yes'], '--json takes no value: u'],
    [['--home', 'a', '--home', 'b'], '--home is given twice: u'],
    [['--constructor'], 'there is no option --constructor: u'],
  ])('refuses %j', (args, message) => {
    expect(() => readFlags(args, kinds, 'u')).toThrow(expect.objectContaining({ code: 'usage', message }));
  });
});

describe('readAddress', () => {
  it.each([
    ['127.0.0.1:5000', '127.0.0.1', 5000],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:65535', '::1', 65_535],
  ])('reads %s', (text, host, port) => {
    expect(readAddress(text, 'the address')).toEqual({ host, port });
  });

  it.each([
    '',
    '5000',
    ':5000',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:5000',
    '[127.0.0.1]:1',
    'host:1',
    '1.2.3.4:1x',
  ])('refuses %j', (text) => {
    expect(() => readAddress(text, 'the address')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('readPeerAddress', () => {
  it('takes no port that members are never told', () => {
    expect(readPeerAddress('127.0.0.1:1024', 'x').port).toBe(1024);
    expect(readPeerAddress('127.0.0.1:0', 'x').port).toBe(0);
    expect(() => readPeerAddress('127.0.0.1:1023', 'x')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('readSize', () => {
  it.each([
    ['1024', 1024],
    ['500M', 500 * 1024 ** 2],
    ['20g', 20 * 1024 ** 3],
    ['1TiB', 1024 ** 4],
  ])('reads %s', (text, bytes) => expect(readSize(text, '--budget')).toBe(bytes));

  it.each(['', '0', 'M', '-1', '1.5G', '1X', '999999999999T'])('refuses %j', (text) => {
    expect(() => readSize(text, '--budget')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
