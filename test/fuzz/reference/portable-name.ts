/** The table of docs/spec/metainfo.md, "Names", row by row and character by character. */
export function isPortableName(name: string): boolean {
  const points = Array.from(name, (character) => character.codePointAt(0)!);
  if (points.length === 0 || name === '.' || name === '..') return false;
  if (points.some((point) => isForbidden(point))) return false;
  if (name.normalize('NFC') !== name) return false;
  if (name.endsWith('.') || name.endsWith(' ')) return false;
  if (name[1] === ':' && isLetter(name[0]!)) return false;
  if (isDevice(name)) return false;
  return Buffer.byteLength(name) <= 255;
}

const within = (point: number, first: number, last: number): boolean => point >= first && point <= last;

function isForbidden(point: number): boolean {
  if (point === 0x2f || point === 0x5c) return true;
  if (within(point, 0xd800, 0xdfff)) return true;
  if (within(point, 0, 0x1f) || within(point, 0x7f, 0x9f) || within(point, 0x2028, 0x2029)) return true;
  return (
    point === 0x61c || within(point, 0x200e, 0x200f) || within(point, 0x202a, 0x202e) || within(point, 0x2066, 0x2069)
  );
}

const isLetter = (character: string): boolean => 'abcdefghijklmnopqrstuvwxyz'.includes(asciiLower(character));

const asciiLower = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));

function isDevice(name: string): boolean {
  let stem = asciiLower(name.split('.')[0]!);
  while (stem.endsWith(' ')) stem = stem.slice(0, -1);
  if (['con', 'prn', 'aux', 'nul', 'clock$', 'conin$', 'conout$'].includes(stem)) return true;
  return (
    stem.length === 4 && ['com', 'lpt'].includes(stem.slice(0, 3)) && '0123456789\u00b9\u00b2\u00b3'.includes(stem[3]!)
  );
}
