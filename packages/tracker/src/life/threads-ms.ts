/** Monotonic milliseconds, the same in all threads of a process: `performance.now()` begins anew in each. */
export function threadsMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
