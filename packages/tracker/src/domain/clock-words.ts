const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const timeOfDay = (timeMs: number): string => {
  const minutes = Math.floor((timeMs % DAY_MS) / MINUTE_MS);
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)} UTC`;
};

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

/** A past moment as messages name it: `10:12 UTC`, from a day ago on `10:12 UTC 3 days ago`. UTC, since a tracker knows nobody's zone. */
export function pastTime(timeMs: number, nowMs: number): string {
  const ago = Math.floor(Math.max(0, nowMs - timeMs) / DAY_MS);
  return ago === 0 ? timeOfDay(timeMs) : `${timeOfDay(timeMs)} ${days(ago)} ago`;
}

/** A moment to come: `10:12 UTC`, from a day ahead on `10:12 UTC in 3 days`. */
export function futureTime(timeMs: number, nowMs: number): string {
  const ahead = Math.floor(Math.max(0, timeMs - nowMs) / DAY_MS);
  return ahead === 0 ? timeOfDay(timeMs) : `${timeOfDay(timeMs)} in ${days(ahead)}`;
}
