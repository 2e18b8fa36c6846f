import { createControlClient, PeerageError } from '@peerage/contract';
import { Random } from '@peerage/swarm';
import { accepted, cut, type Decoder, demand, isPartOf, refused, seedOf } from '../decoder.ts';
import { mutateJson } from '../mutation/json.ts';

const progress = { progress: { what: 'hashing', doneBytes: 1, totalBytes: 2 } };
const event = { event: { type: 'notice', message: 'hello' } };
const result = { result: { groups: [{ id: 'team', owner: 'alice', members: 2, standing: 'owner', since: 1 }] } };
const error = { error: { code: 'no_such_group', message: "there is no group 'x'" } };
const text = (...lines: readonly object[]): Buffer =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

/** What a client answers while a command runs, as one-shot commands and the page read it, cut anywhere. */
export const answerLines: Decoder = {
  name: 'answer-lines',
  words: [
    '\n',
    '\r\n',
    '{"result":1}\n',
    '{"error":{}}',
    '{"newer":1}\n',
    'null\n',
    '\ufeff',
    '\n\n',
    '__proto__',
    'internal',
  ],
  maxBytes: 20_000,
  seeds: () => [
    text(result),
    text(progress, event, result),
    text(event, error),
    text({ newer: 1 }, result),
    text(progress),
    Buffer.from(`!${JSON.stringify(error.error)}`),
  ],
  mutate(input, random) {
    const lines = Buffer.from(input).toString('utf8').split('\n');
    const at = random.below(lines.length);
    lines[at] = mutateJson(lines[at]!, ['result', 'error', 'event', 'progress', 'code', 'message', 'type'], random);
    return Buffer.from(lines.join('\n'));
  },
  async check(input) {
    const whole = await outcomeOf([input]);
    const pieces = await outcomeOf(cut(input, new Random(seedOf(input))));
    demand(JSON.stringify(pieces) === JSON.stringify(whole), 'is read otherwise where it comes in pieces');
    if (whole.refusal !== undefined) return refused(`${whole.told.length} ${whole.refusal}`);
    demand(
      linesIn(input).some((line) => isPartOf(whole.result, line)),
      'a result that no line holds',
    );
    return accepted(whole.told.join());
  },
};

/** What the lines say is the result, as far as they are JSON. */
function linesIn(input: Uint8Array): unknown[] {
  const lines = Buffer.from(input).toString('latin1').split('\n');
  return lines.map((line) => {
    try {
      const text = new TextDecoder().decode(Buffer.from(line, 'latin1'));
      return (JSON.parse(text) as { result?: unknown } | null)?.result;
    } catch {
      return undefined;
    }
  });
}

/** A body that begins with an exclamation mark is that of a refused call. */
async function outcomeOf(chunks: readonly Uint8Array[]) {
  const told: string[] = [];
  const isRefused = chunks.find((chunk) => chunk.length > 0)?.[0] === 0x21;
  async function* body() {
    let skip = isRefused ? 1 : 0;
    for (const chunk of chunks) {
      yield chunk.subarray(skip);
      if (chunk.length > 0) skip = 0;
    }
  }
  const send = async () => ({ status: isRefused ? 400 : 200, body: body() });
  const client = createControlClient(send, 'token', { onEvent: ({ type }) => told.push(type) });
  try {
    const result = await client.call('list_groups', {}, { onProgress: () => told.push('progress') });
    return { told, result, refusal: undefined };
  } catch (caught) {
    if (caught instanceof PeerageError) return { told, result: undefined, refusal: `${caught.code} ${caught.message}` };
    throw caught;
  }
}
