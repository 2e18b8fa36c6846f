import { type AbortSignalLike, PeerageError } from '@peerage/contract';

/** A caller's cancellation as the platform's signal, with the refusal that the command then ends with. */
export function abortSignalOf(signal: AbortSignalLike, message: string): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new PeerageError('interrupted', message));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
