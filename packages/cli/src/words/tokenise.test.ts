import { PeerageError } from '@peerage/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from './quote.ts';
import { MAX_LINE, scan, tokenise } from './tokenise.ts';

describe('tokenise', () => {
  it.each([
    ['', []],
    ['  \t ', []],
    ['# a comment', []],
    ['  # a comment', []],
    ['list_files team # the big ones', ['list_files', 'team']],
    ['a#b c', ['a#b', 'c']],
    ['\'#\' \\# "#"', ['#', '#', '#']],
    ["'my file.iso' x", ['my file.iso', 'x']],
    ['"my file.iso"', ['my file.iso']],
    ['my\\ file.iso', ['my file.iso']],
    ['"say \\"hi\\" \\\\ \\n"', ['say "hi" \\ \\n']],
    ["'a\\' b", ['a\\', 'b']],
    ['a\'b\'"c"d', ['abcd']],
    ["''", ['']],
    ["x '' y", ['x', '', 'y']],
    ['""a', ['a']],
    ["'it'\\''s'", ["it's"]],
    ['login alice -secret', ['login', 'alice', '-secret']],
    ['größe\t文件', ['größe', '文件']],
  ])('splits %j', (line, words) => {
    expect(tokenise(line)).toEqual(words);
  });

  it.each(["'open", '"open', 'open\\', '"open\\"', 'a \0 b', 'x'.repeat(MAX_LINE + 1)])('refuses %j', (line) => {
    expect(() => tokenise(line)).toThrow(PeerageError);
    expect(() => tokenise(line)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  const word = fc.string({ unit: fc.oneof(fc.constantFrom(...' \t\'"\\#$`-='), fc.string({ unit: 'grapheme' })) });
  const printable = word.filter((text) => !text.includes('\0'));

  it('reads back what quote wrote, in every style', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(printable, fc.constantFrom('single', 'double', 'backslash')), { maxLength: 8 }),
        (words) => {
          const line = words.map(([text, style]) => quote(text, style)).join(' ');
          expect(tokenise(line)).toEqual(words.map(([text]) => text));
        },
      ),
    );
  });

  it('never throws anything but a usage error', () => {
    fc.assert(
      fc.property(word, (line) => {
        try {
          expect(tokenise(line).every((text) => typeof text === 'string')).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' });
        }
      }),
    );
  });

  it('says where words begin and whether the last one is still being typed', () => {
    expect(scan("a  'b c")).toEqual({
      words: [
        { text: 'a', start: 0 },
        { text: 'b c', start: 3 },
      ],
      open: "'",
      inWord: true,
    });
    expect(scan('a ')).toEqual({ words: [{ text: 'a', start: 0 }], open: null, inWord: false });
  });
});
