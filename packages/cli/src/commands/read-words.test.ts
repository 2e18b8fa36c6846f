import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readWords } from './read-words.ts';
import { findCommand } from './table.ts';

const read = (name: string, ...words: string[]) => readWords(findCommand(name), words);

describe('readWords', () => {
  it('takes any word with a dash that is no declared option as an argument', () => {
    expect(read('login', 'alice', '-secret').byKey).toEqual({ user: 'alice', password: '-secret' });
    expect(read('login', '--alice', '--timeout').byKey).toEqual({ user: '--alice', password: '--timeout' });
    expect(read('create_group', '--group').byKey).toEqual({ group: '--group' });
  });

  it('takes options anywhere, with their value behind them or joined to them', () => {
    expect(read('upload_file', '--name', 'b.iso', 'a.iso', 'team').byKey).toEqual({
      name: 'b.iso',
      first: 'a.iso',
      second: 'team',
    });
    expect(read('upload_file', 'a.iso', '--name=--x=y', 'team').byKey).toMatchObject({ name: '--x=y', second: 'team' });
    expect(read('upload_file', 'a.iso', 'team', '--name', '--').byKey).toMatchObject({ name: '--' });
  });

  it('takes switches, which have no value', () => {
    expect(read('show_downloads', '--watch').byKey).toEqual({ watch: true });
    expect(read('download_file', '--wait', 'team', 'f', 'd').byKey).toEqual({
      wait: true,
      group: 'team',
      file: 'f',
      destination: 'd',
    });
    expect(read('download_file', 'team', 'f', '--', '--wait').byKey).toMatchObject({ destination: '--wait' });
  });

  it('takes every word behind -- as it is', () => {
    expect(read('upload_file', '--', '--file', '--').byKey).toEqual({ first: '--file', second: '--' });
    expect(read('login', '--', '-a', 'b').byKey).toEqual({ user: '-a', password: 'b' });
  });

  it('knows the home folder in paths, and only there', () => {
    expect(read('download_file', 'team', '~/f', '~/Downloads/').byKey).toEqual({
      group: 'team',
      file: '~/f',
      destination: `${homedir()}/Downloads/`,
    });
    expect(read('upload_file', '~/a.iso', '~').byKey).toEqual({ first: `${homedir()}/a.iso`, second: homedir() });
    expect(read('upload_file', './~/a', '~bob/a').byKey).toEqual({ first: './~/a', second: '~bob/a' });
    expect(read('login', 'alice', '~/secret').byKey).toMatchObject({ password: '~/secret' });
  });

  it('says which passwords were left out', () => {
    expect(read('login', 'alice').toAsk.map(({ key }) => key)).toEqual(['password']);
    expect(read('passwd').toAsk.map(({ key }) => key)).toEqual(['current', 'next']);
    expect(read('passwd', 'old').toAsk.map(({ key }) => key)).toEqual(['next']);
  });

  it.each([
    [['login'], 'login needs <user_id>: login <user_id> [<passwd>]'],
    [['logout', 'now'], 'too many words for logout, a word with blanks needs quotes: logout'],
    [['wait', '--timeout'], '--timeout needs a value behind it: wait [--timeout S]'],
    [['wait', '--timeout', '1', '--timeout=2'], '--timeout is given twice: wait [--timeout S]'],
    [['show_downloads', '--watch', '--watch'], '--watch is given twice: show_downloads [--watch]'],
    [['show_downloads', '--watch=yes'], '--watch takes no value: show_downloads [--watch]'],
    [['login', 'alice', ''], '<passwd> is empty'],
    [['download_file', 'team', 'f', ''], '<destination_path> is empty'],
    [['create_group', 'x'.repeat(1025)], '<group_id> is longer than 1024 characters'],
  ])('refuses %j', ([name, ...words], message) => {
    expect(() => read(name!, ...words)).toThrow(expect.objectContaining({ code: 'usage', message }));
  });

  it('never repeats a word that may be a password', () => {
    expect(() => read('login', 'alice', 'correct horse', 'battery')).toThrow(/^((?!battery|horse).)*$/);
  });
});
