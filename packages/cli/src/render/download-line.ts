import { type Download, stateWords } from '@peerage/contract';
import type { Look } from './look.ts';
import { showCount, showPercent, showRate, showSeconds } from './quantities.ts';

const colourOf = { D: 'cyan', C: 'green', V: 'cyan', P: 'dim', W: 'yellow', E: 'red' } as const;

/** One line of show_downloads; its forms are part of the contract (commands.md). Strings of `download` are cleaned already. */
export function downloadLine(download: Download, { colours }: Look): string {
  const { state, group, file, done, size, files } = download;
  const head = `${colours[colourOf[state]](`[${state}]`)} [${group}] ${file}`;
  const isPart = files !== undefined && files.chosen < files.all;
  const some = isPart ? `${files.chosen} of ${showCount(files.all, 'file')}` : '';
  if (state === 'C') return isPart ? `${head} (${some})` : head;
  const progress = `${head} ${showPercent(done, size)}`;
  if (state === 'D') {
    const { rate, eta, peers } = download;
    return `${progress} ${showRate(rate)} ETA ${showSeconds(eta)} from ${showCount(peers, 'peer')}${isPart ? `, ${some}` : ''}`;
  }
  const why = download.reason?.message ?? stateWords[state];
  return `${progress} (${why})${isPart ? `, ${some}` : ''}`;
}
