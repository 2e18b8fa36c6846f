import type { ControlResult } from '@peerage/contract';

type Tracker = ControlResult<'status'>['trackers'][number];

const words = ({ serving, reachable, lag_ms }: Tracker): string => {
  if (!reachable) return 'down';
  if (serving) return 'serving';
  return lag_ms === null || lag_ms < 1000 ? 'in sync' : `${(lag_ms / 1000).toFixed(1)} s behind`;
};

const colour = ({ serving, reachable, lag_ms }: Tracker): string => {
  if (!reachable) return 'bg-bad';
  if (serving) return 'bg-ok';
  return lag_ms !== null && lag_ms >= 1000 ? 'bg-warn' : 'bg-ok/60';
};

/** One light a tracker, with its state in words (colour alone tells nobody who can't see it). */
export const Lights = ({ trackers }: { readonly trackers: readonly Tracker[] }) =>
  trackers.map((tracker) => (
    <span key={tracker.address} className="flex items-center gap-1.5 whitespace-nowrap" title={tracker.address}>
      <span aria-hidden className={`size-2 rounded-full ${colour(tracker)}`} />
      <span>
        {tracker.address} {words(tracker)}
      </span>
    </span>
  ));
