import { describe, expect, it } from 'vitest';
import { oneShotWords } from './one-shot-words.ts';

describe('the words of a one-shot command', () => {
  it('takes its own options out, wherever they stand', () => {
    expect(oneShotWords(['team', '--json', 'a', '--home', '/h', '--password-stdin'])).toEqual({
      words: ['team', 'a'],
      home: '/h',
      json: true,
      passwordStdin: true,
      help: false,
    });
    expect(oneShotWords(['--home=/h', '-h'])).toMatchObject({ words: [], home: '/h', help: true });
  });

  it('leaves the rest to the command, and everything behind --', () => {
    expect(oneShotWords(['alice', '-secret', '--name', 'x', '--', '--json', '--home'])).toMatchObject({
      words: ['alice', '-secret', '--name', 'x', '--', '--json', '--home'],
      home: undefined,
      json: false,
    });
  });

  it.each([[['--home']], [['--home=']], [['--home', 'a', '--home', 'b']]])('refuses %j', (args) => {
    expect(() => oneShotWords(args)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
