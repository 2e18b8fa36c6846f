import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quote } from '../words/quote.ts';
import { History, withoutPasswords } from './history.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerage-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('withoutPasswords', () => {
  it.each([
    ['login alice secret', 'login alice'],
    ['  login   alice   secret  ', 'login alice'],
    ['login alice', 'login alice'],
    ['create_user alice "s e c"', 'create_user alice'],
    ['login -- alice secret', 'login alice'],
    ["login 'al ice' secret", "login 'al ice'"],
    ["login alice 'secret", 'login alice'],
    ['passwd secret more', 'passwd'],
    ['lgoin alice secret', 'lgoin alice'],
    ['create_usr alice secret more', 'create_usr alice'],
    ['Login alice secret', 'Login alice'],
    ['frobnicate alice secret', 'frobnicate'],
    ['download_file team a.iso b # later', 'download_file team a.iso b # later'],
    ["upload_file 'my file' team", "upload_file 'my file' team"],
    ['# login alice secret', ''],
  ])('%s', (line, kept) => {
    expect(withoutPasswords(line)).toBe(kept);
  });

  it('never keeps the password, however the line is written', () => {
    const style = fc.constantFrom('single', 'double', 'backslash');
    fc.assert(
      fc.property(
        fc.constantFrom('login', 'create_user', 'lgoin', 'craete_user', 'passwd', 'signin'),
        fc.string({ minLength: 1, maxLength: 10 }),
        style,
        fc.constantFrom('', '--', 'more words'),
        (name, user, how, tail) => {
          const secret = 'hunter2-secret';
          const words = name === 'passwd' ? [secret] : [quote(user, how), quote(secret, how)];
          expect(withoutPasswords([name, ...words, tail].join(' '))).not.toContain('hunter2');
        },
      ),
    );
  });
});

describe('History', () => {
  it('keeps lines over a restart, the latest first, readable by the owner only', () => {
    const path = join(folder, 'history');
    const first = new History(path);
    for (const line of ['list_groups', 'login alice secret', 'list_groups', 'list_groups', '', '# x']) first.add(line);
    expect(first.lines).toEqual(['list_groups', 'login alice', 'list_groups']);
    expect(readFileSync(path, 'utf8')).toBe('list_groups\nlogin alice\nlist_groups\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    expect(new History(path).lines).toEqual(first.lines);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('does not grow for ever', () => {
    const path = join(folder, 'history');
    writeFileSync(path, Array.from({ length: 3000 }, (_, line) => `help ${line}\n`).join(''));
    const history = new History(path);
    expect(history.lines).toHaveLength(1000);
    expect(history.lines[0]).toBe('help 2999');
    history.add('whoami');
    expect(history.lines).toHaveLength(1000);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1002);
  });

  it('says once that it can not be kept, and goes on in memory', () => {
    const history = new History(join(folder, 'missing', 'history'));
    expect(history.add('whoami')).toContain('the history is not kept on disk');
    expect(history.add('status')).toBe(null);
    expect(history.lines).toEqual(['status', 'whoami']);
  });
});
