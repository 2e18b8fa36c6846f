import { BencodeWriter } from './bencode-writer.ts';
import type { BencodeDictionary, BencodeValue } from './decode.ts';

/** Canonical bencoding (BEP 3). Keys are latin-1 texts and are sorted here; numbers must be safe integers. */
export function encodeBencode(value: BencodeValue): Uint8Array {
  const writer = new BencodeWriter();
  write(value, writer);
  return writer.bytes();
}

function write(value: BencodeValue, to: BencodeWriter): void {
  if (typeof value === 'number') {
    to.integer(value);
  } else if (value instanceof Uint8Array) {
    to.byteString(value);
  } else if (value instanceof Map) {
    to.dictionary();
    const dictionary: BencodeDictionary = value;
    for (const key of [...dictionary.keys()].sort(byCharacter)) {
      to.key(key);
      write(dictionary.get(key)!, to);
    }
    to.end();
  } else {
    to.list();
    for (const item of value as readonly BencodeValue[]) write(item, to);
    to.end();
  }
}

const byCharacter = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
