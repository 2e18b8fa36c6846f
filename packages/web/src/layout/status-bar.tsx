import { ArrowDown, ArrowUp, Turtle, Users } from 'lucide-react';
import { useLook } from '../api/commands.ts';
import { rate } from '../format/quantities.ts';
import { useSlowMode } from '../limits/use-limits.ts';
import { isBehind, Lights } from './tracker-lights.tsx';

export function StatusBar() {
  const status = useLook('status', {}, { passing: ({ trackers }) => trackers.some(isBehind) }).data;
  const slow = useSlowMode();
  if (!status) return null;
  const { up, down } = status.limits ?? { up: null, down: null };
  const held = (limit: number | null) =>
    limit === null ? null : <span className="max-sm:hidden">(at most {rate(limit)})</span>;
  return (
    <footer className="flex h-8 shrink-0 items-center gap-4 overflow-x-auto border-t border-line bg-surface px-4 text-xs text-muted tabular-nums">
      <span className="flex items-center gap-1 whitespace-nowrap" title="Received now">
        <ArrowDown size={13} aria-label="down" /> {rate(status.down_rate)} {held(down)}
      </span>
      <span className="flex items-center gap-1 whitespace-nowrap" title="Sent now">
        <ArrowUp size={13} aria-label="up" /> {rate(status.up_rate)} {held(up)}
      </span>
      <button
        type="button"
        aria-pressed={slow.isOn}
        onClick={slow.toggle}
        title={`Slow mode, 500 kB/s each way: limit slow ${slow.isOn ? 'off' : 'on'}`}
        className={`flex items-center gap-1 rounded px-1 whitespace-nowrap hover:text-ink ${slow.isOn ? 'bg-tint text-accent' : ''}`}
      >
        <Turtle size={14} aria-hidden /> Slow
      </button>
      <span className="flex items-center gap-1 whitespace-nowrap max-sm:hidden" title="Where peers reach this client">
        <Users size={13} aria-hidden /> {status.listen}
      </span>
      <span className="flex-1" />
      <Lights trackers={status.trackers} isShort />
    </footer>
  );
}
