/** How a word is written so that the tokeniser reads it back: bare where it can be, else in the style asked for. */
export type QuoteStyle = 'single' | 'double' | 'backslash';

const special = /[\s'"\\#]/u;

export function quote(word: string, style: QuoteStyle = 'single'): string {
  if (word !== '' && !special.test(word)) return word;
  if (style === 'double') return `"${word.replace(/["\\$`]/g, '\\$&')}"`;
  if (style === 'backslash' && word !== '') return word.replace(/[\s'"\\#]/gu, '\\$&');
  return `'${word.replaceAll("'", "'\\''")}'`;
}
