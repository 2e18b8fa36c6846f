import { z } from 'zod';
import { errorFromWire, PeerageError } from '../errors/peerage-error.ts';
import { joined } from '../joined.ts';
import { ControlEvent, type Progress, ProgressSchema } from './events.ts';

/** The form of an answer that is given while the command runs: one JSON object a line, the last one with the result or the refusal. */
export const ANSWER_LINES = 'application/x-ndjson';

/** An answer holds the whole catalogue of a group; more than this is none. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

const AnswerLine = z.union([
  z.object({ progress: ProgressSchema }),
  /** What the client told meanwhile. */
  z.object({ event: ControlEvent }),
  z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(4096) }) }),
  z.object({ result: z.unknown() }),
]);
export type AnswerLine = z.infer<typeof AnswerLine>;

export interface AnswerListener {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onEvent?: ((event: ControlEvent) => void) | undefined;
}

/** Reads such an answer to its result, not yet checked; rejects with the refusal in it, or `protocol` where it is none. Lines of newer kinds are passed over. */
export async function readAnswerLines(body: AsyncIterable<Uint8Array>, listener: AnswerListener): Promise<unknown> {
  for await (const line of linesOf(body)) {
    const parsed = AnswerLine.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    const answer = parsed.data;
    if ('progress' in answer) listener.onProgress?.(answer.progress);
    else if ('event' in answer) listener.onEvent?.(answer.event);
    else if ('error' in answer) throw errorFromWire(answer.error);
    else return answer.result;
  }
  throw new PeerageError('protocol', 'the client ended its answer in the middle: was it stopped?');
}

function jsonOf(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw new PeerageError('protocol', 'the client answered with a line that is no JSON');
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield joined([...held, rest.subarray(0, end)]);
      held = [];
      heldBytes = 0;
      rest = rest.subarray(end + 1);
    }
    heldBytes += rest.length;
    if (heldBytes > LONGEST_LINE_BYTES) throw new PeerageError('protocol', 'the answer of the client is too large');
    held.push(rest);
  }
  if (heldBytes > 0) yield joined(held);
}
