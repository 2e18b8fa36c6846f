import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPortableName, foldName } from './portable-name.ts';

describe('names that every system holds, or maps', () => {
  test.each([
    ['a'],
    ['report.pdf'],
    ['two words.txt'],
    [' leading blank'],
    ['-rf'],
    ['...a'],
    ['.hidden'],
    ['C'],
    ['no:drive'],
    ['<>"|?*'],
    ['Größe.bin'],
    ['日本語.txt'],
    ['👩‍💻.png'],
    ['می‌خواهم.txt'],
    ['\ufeffbyte order mark'],
    ['console.log'],
    ['com10'],
    ['com'],
    ['lpt.txt'],
    ['nulls'],
    ['aux_'],
    ['a'.repeat(255)],
    ['ä'.repeat(127)],
    ['__proto__'],
    ['%2e%2e%2f'],
  ])('%j', (name) => {
    expect(checkPortableName(name)).toBeUndefined();
  });
});

describe('attacks and names that some system can not hold', () => {
  test.each([
    ['', 'is empty'],
    ['.', 'names a folder above or the folder itself'],
    ['..', 'names a folder above or the folder itself'],
    ['/', 'contains a slash or backslash'],
    ['/etc/passwd', 'contains a slash or backslash'],
    ['../x', 'contains a slash or backslash'],
    ['..\\x', 'contains a slash or backslash'],
    ['\\\\server\\share', 'contains a slash or backslash'],
    ['C:', 'begins like a drive'],
    ['c:x', 'begins like a drive'],
    ['a\0b', 'contains a control character'],
    ['a\nb', 'contains a control character'],
    ['\x1b[2J', 'contains a control character'],
    ['a\x7f', 'contains a control character'],
    ['a\x9bm', 'contains a control character'],
    ['a\u2028b', 'contains a control character'],
    ['a\u2029b', 'contains a control character'],
    ['gpj.\u202eexe', 'contains a character that changes the direction of text'],
    ['a\u200f', 'contains a character that changes the direction of text'],
    ['a\u2066b', 'contains a character that changes the direction of text'],
    ['a\u061cb', 'contains a character that changes the direction of text'],
    ['a\u0308', 'is not in Unicode normal form C'],
    ['\u212b', 'is not in Unicode normal form C'],
    ['a\ud800', 'is not well-formed Unicode'],
    ['\udc00a', 'is not well-formed Unicode'],
    ['a.', 'ends with a dot or a blank'],
    ['a ', 'ends with a dot or a blank'],
    ['...', 'ends with a dot or a blank'],
    [' ', 'ends with a dot or a blank'],
    ['con', 'is the name of a device on Windows'],
    ['NUL', 'is the name of a device on Windows'],
    ['nul.txt', 'is the name of a device on Windows'],
    ['nul.tar.gz', 'is the name of a device on Windows'],
    ['nul .txt', 'is the name of a device on Windows'],
    ['Aux.c', 'is the name of a device on Windows'],
    ['PRN', 'is the name of a device on Windows'],
    ['com0', 'is the name of a device on Windows'],
    ['COM9.log', 'is the name of a device on Windows'],
    ['com\u00b9', 'is the name of a device on Windows'],
    ['LPT\u00b3.x', 'is the name of a device on Windows'],
    ['CONIN$', 'is the name of a device on Windows'],
    ['conout$.txt', 'is the name of a device on Windows'],
    ['clock$', 'is the name of a device on Windows'],
    ['a'.repeat(256), 'is longer than 255 bytes'],
    ['ä'.repeat(128), 'is longer than 255 bytes'],
    ['a'.repeat(100_000), 'is longer than 255 bytes'],
  ])('%j %s', (name, complaint) => {
    expect(checkPortableName(name)).toBe(complaint);
  });
});

const anyCharacter = fc.oneof(
  fc.constantFrom(...'aZ9. :/\\\0\u0308\u202e'),
  fc.integer({ min: 0, max: 0x10_ffff }).map((point) => String.fromCodePoint(point)),
);

test('a name without complaint is one path component of at most 255 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 100 }), (name) => {
      if (checkPortableName(name) !== undefined) return;
      expect(Buffer.from(name, 'utf8').toString('utf8')).toBe(name);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(name).not.toMatch(/[/\\\0]|^\.{0,2}$/);
    }),
  );
});

test.each([
  ['readme', 'README', true],
  ['Größe', 'GRÖSSE', true],
  ['ΑΣ', 'ας', true],
  ['ﬁle', 'FILE', true],
  ['a', 'b', false],
  ['é', 'e', false],
])('%s and %s are one name without case: %s', (a, b, same) => {
  expect(foldName(a) === foldName(b)).toBe(same);
});
