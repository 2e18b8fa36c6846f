import type { DownloadState } from './commands/downloads.ts';

/** How a download stands, in one word: the same in the shell, in what is kept of its past, and on the page. */
export const stateWords: Readonly<Record<DownloadState, string>> = {
  D: 'downloading',
  V: 'verifying',
  W: 'waiting',
  P: 'paused',
  C: 'complete',
  E: 'failed',
};
