import type { Progress } from '@peerage/contract';
import { bar, barWidth } from './bar.ts';
import type { Look } from './look.ts';
import { showBytes, showPercent, showRate, showSeconds } from './quantities.ts';

/** The rate is told once it means something. */
const SETTLING_MS = 500;

/** Says how far a long command is: `hashing 43% of 1.1 GB 812.0 MB/s ETA 0:01  ██████░░░░░░`. One for each command: it begins to count when it is made. */
export function progressTeller(nowMs: () => number): (progress: Progress, look: Look) => string {
  const startedMs = nowMs();
  return ({ what, doneBytes, totalBytes }, look) => {
    const tookMs = nowMs() - startedMs;
    const rate = (doneBytes / tookMs) * 1000;
    const speed =
      tookMs < SETTLING_MS || rate === 0
        ? ''
        : ` ${showRate(rate)} ETA ${showSeconds((totalBytes - doneBytes) / rate)}`;
    const text = `${what} ${showPercent(doneBytes, totalBytes)} of ${showBytes(totalBytes)}${speed}`;
    const width = barWidth(text.length, look);
    return width > 0 ? `${text}  ${bar(doneBytes, totalBytes, width, look)}` : text;
  };
}
