import type { Share } from '@peerage/contract';
import { quote } from '../words/quote.ts';

/** What to do about a share that can't be offered, one line each. Strings are cleaned already. */
export const shareProblems = (shares: readonly Share[]): string[] =>
  shares
    .filter((share) => share.state !== 'offered')
    .map(
      ({ group, file, path, state }) =>
        `not shared: [${group}] ${file}: ${path} is ${state}; put it back, or upload_file its new path, or stop_share ${quote(group)} ${quote(file)}`,
    );
