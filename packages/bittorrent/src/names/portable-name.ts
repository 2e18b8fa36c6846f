export const MAX_NAME_BYTES = 255;

/** C0, DEL, C1, and the two line separators, which break lines in some terminals and editors. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Marks, embeddings, overrides and isolates that reorder the text around them (Unicode TR 9). */
const BIDI = /\p{Bidi_Control}/u;
/** Windows opens the device whatever follows the first dot, blanks before it included. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;
const DRIVE = /^[a-z]:/i;

/**
 * Why a file or folder name can't be one path component on every system, as the end of a sentence that begins with the name;
 * undefined where it can (docs/spec/metainfo.md, "Names"). Characters that only Windows lacks (`< > : " | ? *`) are allowed here:
 * a client that can't hold them maps them when it opens the file.
 */
export function checkPortableName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (!name.isWellFormed()) return 'is not well-formed Unicode';
  if (name === '.' || name === '..') return 'names a folder above or the folder itself';
  if (/[/\\]/.test(name)) return 'contains a slash or backslash';
  if (CONTROL.test(name)) return 'contains a control character';
  if (BIDI.test(name)) return 'contains a character that changes the direction of text';
  if (name !== name.normalize('NFC')) return 'is not in Unicode normal form C';
  if (/[. ]$/.test(name)) return 'ends with a dot or a blank';
  if (DRIVE.test(name)) return 'begins like a drive';
  if (WINDOWS_DEVICE.test(name)) return 'is the name of a device on Windows';
  if (utf8Bytes(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/** Two names that are equal here are one name on systems that ignore case: they can't lie in one folder. */
export function foldName(name: string): string {
  return name.toUpperCase().toLowerCase().normalize('NFC');
}

function utf8Bytes(text: string): number {
  return text.length > MAX_NAME_BYTES ? text.length : new TextEncoder().encode(text).length;
}
