import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from './suggest.ts';
import { commands, findCommand } from './table.ts';

describe('did you mean', () => {
  it.each([
    ['list_group', 'list_groups'],
    ['lsit_files', 'list_files'],
    ['uplaod_file', 'upload_file'],
    ['upload-file', 'upload_file'],
    ['LOGIN', 'login'],
    ['stats', 'status'],
    ['exti', 'exit'],
    ['download', 'download_file'],
    ['downlaod', 'download_file'],
    ['show', 'show_downloads'],
  ])('%s: %s', (typed, meant) => {
    expect(() => findCommand(typed)).toThrow(`there is no command '${typed}', did you mean ${meant}?`);
  });

  it.each(['frobnicate', 'x', '', 'x'.repeat(60_000)])('suggests nothing for %j', (typed) => {
    expect(() => findCommand(typed)).toThrow(/^there is no command '[^']{0,41}': help lists all commands$/);
  });

  it('finds commands by every name they have', () => {
    for (const entry of commands) {
      for (const name of [entry.name, ...entry.aliases]) expect(findCommand(name)).toBe(entry);
    }
    expect(findCommand('leaves_group').name).toBe('leave_group');
    expect(findCommand('quit').name).toBe('exit');
  });

  it('measures distances symmetrically, zero only between equals', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', '_') });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(editDistance('lsit', 'list')).toBe(1);
  });
});
