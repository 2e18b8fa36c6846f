/**
 * The one filter between strings from outside and a terminal: C0 and C1 controls, line and paragraph separators, and bidi controls are
 * shown escaped, so no name can move the cursor, start a line of its own, or reorder what stands beside it (security.md).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const dangerous = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const escaped = (char: string): string => {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

export const clean = (text: string): string => text.replace(dangerous, escaped);

/** A copy of plain data with every string in it cleaned, so that what renders it can't forget one. */
export function cleanAll<T>(value: T): T {
  if (typeof value === 'string') return clean(value) as T;
  if (Array.isArray(value)) return value.map(cleanAll) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanAll(inner)])) as T;
  }
  return value;
}

/** One line of JSON with the same characters as \uXXXX: the same value for a program, harmless on a terminal, one line for every reader. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(dangerous, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
