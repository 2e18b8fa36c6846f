import { PeerageError } from '@peerage/contract';
import { MAX_LINE } from '../words/tokenise.ts';

const NEWLINE = 0x0a;

/** A line of input, or why it can't be read. */
export type InputLine = { readonly text: string } | { readonly refused: PeerageError };

const tooLong = (): InputLine => ({
  refused: new PeerageError('usage', `the line is longer than ${MAX_LINE / 1024} KiB`),
});

function decode(bytes: Buffer): InputLine {
  try {
    // Only the mark that some editors put before the first line goes; a final CR is a line end of another system.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text: text.endsWith('\r') ? text.slice(0, -1) : text };
  } catch {
    return { refused: new PeerageError('usage', 'the line is not valid UTF-8') };
  }
}

/** Splits bytes into lines. At most MAX_LINE bytes are held: of a longer line nothing is kept but that it was there. */
export async function* readLines(
  input: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<InputLine, void, undefined> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const take = (): InputLine => {
    const line = heldBytes > MAX_LINE ? tooLong() : decode(Buffer.concat(held));
    held = [];
    heldBytes = 0;
    return line;
  };
  const hold = (part: Buffer): void => {
    heldBytes += part.length;
    if (heldBytes > MAX_LINE) held = [];
    else held.push(part);
  };
  for await (const chunk of input) {
    let rest = Buffer.from(chunk as string);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      hold(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield take();
    }
    if (rest.length > 0) hold(rest);
  }
  if (heldBytes > 0) yield take();
}
