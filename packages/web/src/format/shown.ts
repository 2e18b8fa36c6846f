// C0 and C1 controls, and what turns the direction of text around (security.md: names are only ever text).
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A string from outside, so that it can't disguise itself: what can't be seen is shown as a mark. */
export const shown = (text: string): string => text.replace(UNSHOWABLE, '\ufffd');
