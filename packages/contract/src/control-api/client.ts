import { z } from 'zod';
import { errorFromWire, PeerageError } from '../errors/peerage-error.ts';
import { joined } from '../joined.ts';
import { ANSWER_LINES, type AnswerListener, readAnswerLines } from './answer-lines.ts';
import { type ControlName, type ControlParams, type ControlResult, controlCommands } from './commands.ts';
import type { AbortSignalLike, CallOptions, ControlApi } from './facade.ts';
import { controlRoutes } from './routes.ts';

/** One request, ready for any HTTP transport. */
export interface ControlRequest {
  readonly method: 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignalLike;
}

/** The transport: resolves when the head of the answer is there; an aborted `signal` ends the request. */
export type SendControlRequest = (
  request: ControlRequest,
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> }>;

const Refusal = z.object({ code: z.string().max(64), message: z.string().max(4096) });

export interface ControlClientOptions {
  /** Hears what is told while a call runs. */
  readonly onEvent?: AnswerListener['onEvent'];
  /** Results are taken as they come: for a caller who speaks with no client but the process that it came from, and who is not to wait while ten thousand lines are read twice. */
  readonly isTrusting?: boolean;
}

/** A running client, called over a transport with the token of its home: what a one-shot command and the page use. */
export function createControlClient(
  send: SendControlRequest,
  token: string,
  { onEvent, isTrusting = false }: ControlClientOptions = {},
): Pick<ControlApi, 'call'> {
  return {
    async call<C extends ControlName>(
      command: C,
      params: ControlParams<C>,
      options: CallOptions = {},
    ): Promise<ControlResult<C>> {
      const { status, body } = await send({
        method: 'POST',
        path: controlRoutes[command].path,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: ANSWER_LINES },
        body: JSON.stringify(params),
        ...(options.signal ? { signal: options.signal } : {}),
      });
      if (status !== 200) throw await refusalIn(status, body);
      const result = await readAnswerLines(body, { onProgress: options.onProgress, onEvent });
      if (isTrusting) return result as ControlResult<C>;
      const parsed = controlCommands[command].result.safeParse(result);
      if (parsed.success) return parsed.data as ControlResult<C>;
      const where = parsed.error.issues[0]?.path.join('.') || 'its form';
      throw new PeerageError(
        'protocol',
        `the client's answer to ${command} does not fit the contract at ${where}: is it of another version?`,
      );
    },
  };
}

const LONGEST_REFUSAL_BYTES = 64 * 1024;

async function refusalIn(status: number, body: AsyncIterable<Uint8Array>): Promise<PeerageError> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LONGEST_REFUSAL_BYTES) break;
  }
  try {
    return errorFromWire(Refusal.parse(JSON.parse(new TextDecoder().decode(joined(chunks)))));
  } catch {
    return new PeerageError('protocol', `the client answered ${status} in a form that is not its own: is it a client?`);
  }
}
