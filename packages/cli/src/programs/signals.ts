import type { Writable } from 'node:stream';

/**
 * A signal, or output that nobody reads any more, asks once for an orderly end; a second signal ends the process where it stands
 * (what was acknowledged is on disk by then).
 */
export function stopOnSignals(
  signals: readonly NodeJS.Signals[],
  outputs: readonly Writable[],
): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  const onOutputGone = () => stop.abort();
  for (const signal of signals) process.on(signal, onSignal);
  for (const output of outputs) output.on('error', onOutputGone);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
