import { type BencodeLimits, BencodeReader } from './bencode-reader.ts';

/** Byte strings are views of the bytes decoded. Keys are latin-1 texts: one character for each byte. */
export type BencodeValue = number | Uint8Array | readonly BencodeValue[] | BencodeDictionary;
export type BencodeDictionary = ReadonlyMap<string, BencodeValue>;

type Open = { readonly list: BencodeValue[] } | { readonly dictionary: Map<string, BencodeValue> };

/** The value of canonical bencoding (BEP 3): sorted unique keys, one form of every number, nothing behind it. Throws BencodeError. */
export function decodeBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeValue {
  const reader = new BencodeReader(bytes, limits);
  const outer: BencodeValue[] = [];
  const open: Open[] = [{ list: outer }];
  while (outer.length === 0 || open.length > 1) {
    const into = open[open.length - 1]!;
    if (open.length > 1 && reader.leaveAtEnd()) {
      open.pop();
      continue;
    }
    const key = 'dictionary' in into ? reader.key() : '';
    const value = readValue(reader, open);
    if ('dictionary' in into) into.dictionary.set(key, value);
    else into.list.push(value);
  }
  reader.finish();
  return outer[0]!;
}

/** An integer, a byte string, or an empty container that is now the innermost open one. */
function readValue(reader: BencodeReader, open: Open[]): BencodeValue {
  switch (reader.peek()) {
    case 'integer':
      return reader.integer();
    case 'list': {
      reader.enterList();
      const list: BencodeValue[] = [];
      open.push({ list });
      return list;
    }
    case 'dictionary': {
      reader.enterDictionary();
      const dictionary = new Map<string, BencodeValue>();
      open.push({ dictionary });
      return dictionary;
    }
    default:
      return reader.byteString();
  }
}
