/**
 * Times by the clock of one run of a tracker, which nothing else has to agree with: each answer tells it, and a request may carry until when it may be begun. So a tracker can tell what was
 * too long on its way, also where it stood still itself meanwhile (docs/spec/tracker-api.md, "Late requests").
 */
export interface RunTime {
  /** 8 lower-case hex digits, new with each start of a tracker. */
  readonly run: string;
  /** Whole milliseconds by that run's clock. */
  readonly ms: number;
}

/** In each answer: the time at which it left. */
export const CLOCK_HEADER = 'peerage-clock';
/** In a request: after that time it is not begun. */
export const UNTIL_HEADER = 'peerage-until';

export const formatRunTime = ({ run, ms }: RunTime): string => `${run}.${ms}`;

/** Undefined for anything that `formatRunTime` does not write. */
export function parseRunTime(text: string): RunTime | undefined {
  const found = /^([0-9a-f]{8})\.(0|[1-9]\d{0,14})$/.exec(text);
  return found ? { run: found[1]!, ms: Number(found[2]) } : undefined;
}
