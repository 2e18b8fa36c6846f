/** What pure packages may use beyond ECMAScript: text encoding, which is neither I/O nor a clock. Everything else of Node is a type error there. */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}
