import { PeerageError } from '@peerage/contract';
import { quote } from '../../../packages/cli/src/words/quote.ts';
import { tokenise } from '../../../packages/cli/src/words/tokenise.ts';
import { accepted, attempt, type Decoder, demand, refused } from '../decoder.ts';

/** Lines of the shell. */
export const tokeniser: Decoder = {
  name: 'tokenise',
  words: [
    `'`,
    `"`,
    '\\',
    '\\"',
    '\\$',
    '\\`',
    '\\n',
    '#',
    ' #',
    ' ',
    '\t',
    '\n',
    `''`,
    `""`,
    `'\\''`,
    '\0',
    '\u00a0',
    '\u2028',
    'é',
    '\u{1f600}',
    '$HOME',
    '~',
    'upload_file',
  ],
  maxBytes: 70_000,
  seeds: () =>
    [
      ['upload_file', 'my file.bin', 'team'],
      [''],
      [`it's`, '"quoted"', 'back\\slash', '#no comment', 'a#b'],
      ['tab\there', 'ünï'],
    ].flatMap((words) =>
      (['single', 'double', 'backslash'] as const).map((style) =>
        Buffer.from(words.map((word) => quote(word, style)).join(' ')),
      ),
    ),
  check(input) {
    const line = Buffer.from(input).toString('utf8');
    const expected = expectation(line);
    const got = attempt(
      () => tokenise(line),
      (error) => error instanceof PeerageError && error.code === 'usage',
    );
    if ('refusal' in got) {
      demand(expected === undefined, `refuses a line that is right: ${got.refusal.message}`);
      return refused(got.refusal.message);
    }
    demand(expected !== undefined, 'accepts a line that is wrong');
    demand(
      JSON.stringify(got.value) === JSON.stringify(expected),
      `splits into ${JSON.stringify(got.value).slice(0, 200)} where ${JSON.stringify(expected).slice(0, 200)} is right`,
    );
    for (const style of ['single', 'double', 'backslash'] as const) {
      const quoted = got.value.map((word) => quote(word, style)).join('\t');
      if (quoted.length > 65_536) continue;
      demand(
        JSON.stringify(tokenise(quoted)) === JSON.stringify(got.value),
        `does not read back what it quoted (${style})`,
      );
    }
    return accepted(`accepted ${Math.min(got.value.length, 5)}`);
  },
};

/** POSIX shell words without expansion, eaten off the front part by part. Undefined: refused. */
function expectation(line: string): string[] | undefined {
  if (line.length > 65_536 || line.includes('\0')) return undefined;
  const words: string[] = [];
  let rest = line;
  for (;;) {
    rest = rest.replace(/^[ \t]+/, '');
    if (rest === '' || rest.startsWith('#')) return words;
    let word = '';
    while (rest !== '' && !/^[ \t]/.test(rest)) {
      const part = /^'([^']*)'|^"((?:\\["\\$`]|\\(?!["\\$`])|[^"\\])*)"|^\\(.)|^[^ \t'"\\]+/s.exec(rest);
      if (part === null) return undefined;
      const [all, single, double, escaped] = part;
      word += single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? all;
      rest = rest.slice(all.length);
    }
    words.push(word);
  }
}
