import { PeerageError } from '@peerage/contract/bare';

export const interrupted = (): PeerageError =>
  new PeerageError('interrupted', 'the check was interrupted: nothing is known of what it had not read');

export const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
