/** Preloaded into a program (NODE_OPTIONS=--import …): its wall clock, in all its threads, is off by as many milliseconds as stand in the file PEERAGE_CLOCK_FILE. */
import { readFileSync } from 'node:fs';

const file = process.env['PEERAGE_CLOCK_FILE']!;
const LOOK_EVERY_MS = 50;
const trueNow = Date.now.bind(Date);
let [offsetMs, lookedAtMs] = [0, Number.NEGATIVE_INFINITY];

Date.now = () => {
  if (performance.now() - lookedAtMs >= LOOK_EVERY_MS) {
    lookedAtMs = performance.now();
    offsetMs = Number(readFileSync(file, 'utf8'));
  }
  return trueNow() + offsetMs;
};
