import { type ControlRequest, createControlClient, PeerageError } from '@peerage/contract';
import { bodyOf } from './body.ts';
import { forgetSecret, storedSecret } from './entrance.ts';

/** Called when the client no longer knows this tab: the page then says how to come back in. */
let onShutOut: () => void = () => {};
export const whenShutOut = (listener: () => void): void => {
  onShutOut = listener;
};

export function shutOut(): void {
  forgetSecret();
  onShutOut();
}

export const pageHeaders = (): Record<string, string> => ({ authorization: `Bearer ${storedSecret() ?? ''}` });

/** One command of the client that served this page; `signal` ends it. */
async function send({ path, headers, body, signal }: ControlRequest) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { ...headers, ...pageHeaders() },
    body,
    ...(signal ? { signal: signal as AbortSignal } : {}),
  }).catch(() => {
    if (signal?.aborted) throw new PeerageError('interrupted', 'interrupted');
    throw new PeerageError('no_client', 'the client on this machine does not answer: is it still running?');
  });
  return { status: answer.status, body: bodyOf(answer) };
}

/** A page lives no longer than the client that served it: what that answers has the form that the page was made for. */
export const control = createControlClient(send, '', { isTrusting: true });
