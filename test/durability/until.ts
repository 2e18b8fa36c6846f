import { setTimeout as pause } from 'node:timers/promises';

const ASK_MS = 10;

/** Asks again and again until it is so; the test's own time limit ends it (`signal`, of the test's context). */
export async function until(signal: AbortSignal, isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (signal.aborted) throw new Error(`the time is over before this became so: ${isSo}`);
    await pause(ASK_MS);
  }
}
