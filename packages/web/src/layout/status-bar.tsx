import { ArrowDown, ArrowUp, Users } from 'lucide-react';
import { useLook } from '../api/commands.ts';
import { rate } from '../format/quantities.ts';
import { Lights } from './tracker-lights.tsx';

export function StatusBar() {
  const status = useLook('status', {}).data;
  if (!status) return null;
  return (
    <footer className="flex h-8 shrink-0 items-center gap-4 overflow-x-auto border-t border-line bg-surface px-4 text-xs text-muted tabular-nums">
      <span className="flex items-center gap-1 whitespace-nowrap" title="Received now">
        <ArrowDown size={13} aria-label="down" /> {rate(status.down_rate)}
      </span>
      <span className="flex items-center gap-1 whitespace-nowrap" title="Sent now">
        <ArrowUp size={13} aria-label="up" /> {rate(status.up_rate)}
      </span>
      <span className="flex items-center gap-1 whitespace-nowrap" title="Where peers reach this client">
        <Users size={13} aria-hidden /> {status.listen}
      </span>
      <span className="flex-1" />
      <Lights trackers={status.trackers} />
    </footer>
  );
}
