/** Processor time that one look takes. */
const LOOK_MS = 40;

/**
 * How many times longer work takes here at this moment than on a machine with nothing else to do, at least 1: what a promise in seconds is stretched by, so that a
 * test of it fails by the product and not by its neighbours. Takes 40 ms of the processor.
 */
export function slowness(): number {
  const startMs = performance.now();
  const start = process.threadCpuUsage();
  let usedMs = 0;
  while (usedMs < LOOK_MS) {
    const { user, system } = process.threadCpuUsage(start);
    usedMs = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - startMs) / usedMs);
}

/** How long a step took, in ms of a machine with nothing else to do. */
export async function calmMs(step: () => Promise<unknown>): Promise<number> {
  const before = slowness();
  const startMs = performance.now();
  await step();
  const tookMs = performance.now() - startMs;
  return tookMs / Math.max(before, slowness());
}
