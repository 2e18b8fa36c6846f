import type { ControlResult } from '@peerage/contract';
import { duration } from '../format/quantities.ts';

type Tracker = ControlResult<'status'>['trackers'][number];

export const isBehind = ({ serving, reachable, lag_ms }: Tracker): boolean =>
  reachable && !serving && lag_ms !== null && lag_ms >= 1000;

const words = (tracker: Tracker): string => {
  if (!tracker.reachable) return 'down';
  if (tracker.serving) return 'serving';
  return isBehind(tracker) ? `${duration(tracker.lag_ms! / 1000)} behind` : 'in sync';
};

const colour = (tracker: Tracker): string => {
  if (!tracker.reachable) return 'bg-bad';
  if (tracker.serving) return 'bg-ok';
  return isBehind(tracker) ? 'bg-warn' : 'bg-ok/60';
};

/** One light a tracker, with its state in words (colour alone tells nobody who can't see it). `isShort`: where there is no room, only what is wrong is in words. */
export const Lights = ({
  trackers,
  isShort = false,
}: {
  readonly trackers: readonly Tracker[];
  readonly isShort?: boolean;
}) =>
  trackers.map((tracker) => (
    <span key={tracker.address} className="flex items-center gap-1.5 whitespace-nowrap" title={tracker.address}>
      <span aria-hidden className={`size-2 rounded-full ${colour(tracker)}`} />
      <span className={isShort ? 'max-sm:sr-only' : ''}>
        {tracker.address} {words(tracker)}
      </span>
      {isShort && !tracker.reachable ? (
        <span aria-hidden className="sm:hidden">
          down
        </span>
      ) : null}
    </span>
  ));
