import type { Readable, Writable } from 'node:stream';

/**
 * A signal, or the end of what the program talks through (output that nobody reads, a terminal that is gone), asks once for an orderly end; a second signal ends the process where it stands
 * (what was acknowledged is on disk by then).
 */
export function stopOnSignals(
  signals: readonly NodeJS.Signals[],
  streams: readonly (Readable | Writable)[],
): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  const onGone = () => stop.abort();
  for (const signal of signals) process.on(signal, onSignal);
  for (const stream of streams) stream.on('error', onGone);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
